/** Checks the types of every project; each sees only the globals that its code has where it runs. */
import { isMain, runBin } from './run.mjs';

const PROJECTS = ['shared', 'workers', 'page', 'tests'];

export async function types() {
  let failed = 0;
  for (const project of PROJECTS) {
    if ((await runBin('typescript/bin/tsc', ['-p', `tsconfig.${project}.json`])) === 0) continue;
    console.error(`Types: tsconfig.${project}.json failed`);
    failed = 1;
  }
  return failed;
}

if (isMain(import.meta.url)) process.exit(await types());
