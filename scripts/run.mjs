/** Running other programs, for the scripts beside this one: node's own modules only, since node_modules may be absent. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program with its output on ours; fulfilled with its exit code, 1 when it could not be started or was ended by a signal. */
export function run(command, args, environment = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...environment } });
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Runs the command of an installed npm package, with this node. */
export function runBin(path, args, environment) {
  return run(process.execPath, [join(ROOT, 'node_modules', path), ...args], environment);
}

/** npm with this node where it started us; on Windows npm is a script that needs a shell. */
export function npm(...args) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return run(process.execPath, [script, ...args]);
  return process.platform === 'win32' ? run('cmd', ['/c', 'npm', ...args]) : run('npm', args);
}

/** Where a program is, looking also where Debian keeps the administrator's. */
export function find(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** Installs Debian packages when that needs no password; false when it does or when this is not Debian. */
export async function aptGet(...packages) {
  if (!find('apt-get')) return false;
  const root = process.getuid?.() === 0;
  if (!root && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) return false;
  const apt = (...args) => {
    const command = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y', ...args];
    return root ? run(command[0], command.slice(1)) : run('sudo', ['-n', ...command]);
  };
  const install = () => apt('install', '--no-install-recommends', ...packages);
  if ((await install()) === 0) return true;
  return (await apt('update')) === 0 && (await install()) === 0;
}

/** True when the module at `url` is the program that was started, not imported. */
export function isMain(url) {
  return process.argv[1] === fileURLToPath(url);
}

export function fail(message) {
  console.error(message);
  process.exit(1);
}
