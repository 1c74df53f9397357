/** What src/architecture.test.ts demands of the code, as functions over its files; only that test uses them. */
import { dirname, join, normalize } from 'node:path/posix';
import { parseSync } from 'vite';

/** Path from the root of the project, and text. */
export type Tree = ReadonlyMap<string, string>;

/** A node of the syntax tree, as far as the rules look. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Rooms under src/ and what each may import besides itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  specs: [],
  protocol: [],
  hw: ['specs'],
  net: ['specs'],
  store: ['hw', 'protocol', 'specs'],
  libmicrokit: ['protocol'],
  libfs: ['libmicrokit', 'protocol', 'specs'],
  microkit: ['protocol'],
  boards: ['microkit', 'protocol'],
  page: ['boards', 'microkit', 'protocol', 'specs', 'package.json'],
  offline: ['protocol'],
};
const WORKER_MAY_IMPORT = ['libmicrokit', 'libfs', 'protocol', 'specs'];
/** The two ends of a conversation have the TCP/IP stack; what lies between them passes frames. */
const SPEAKS_TCP_IP = ['workers/micropython', 'workers/lan'];

/** npm packages, by the room or the folder under workers/ that may import them. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  libmicrokit: /^comlink$/,
  microkit: /^comlink$/,
  page: /^(comlink|fflate|react|react-dom|@codemirror\/[\w-]+|@lezer\/highlight|@xterm\/[\w-]+|@fontsource-variable\/[\w-]+)(\/|$)/,
  'workers/micropython': /^@micropython\//,
};

export const isTest = (path: string) =>
  /\.test\.tsx?$|\/testing\/|\/test_\w+\.ts$|^src\/architecture_|^e2e\//.test(path);

export function codeOf(tree: Tree): [path: string, text: string][] {
  return [...tree].filter(([path]) => /^(src|workers)\/.*(?<!\.d)\.tsx?$/.test(path) && !isTest(path));
}

/** `src/page/console.ts` is in room `page`, `workers/blk_virt/pd.ts` in `workers/blk_virt`. */
export function roomOf(path: string): string {
  const [top, second] = path.split('/');
  return top === 'src' ? second! : top === 'workers' ? `workers/${second}` : top!;
}

function nodesOf(path: string, text: string): Node[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]!.message}`);
  const nodes: Node[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof RegExp) return;
    if ('type' in value) nodes.push(value as Node);
    for (const inner of Array.isArray(value) ? value : Object.values(value)) visit(inner);
  };
  visit(program);
  return nodes;
}

const field = (node: Node, name: string) => node[name] as Node | undefined;
const nameOf = (node: Node | undefined) => (node?.type === 'Identifier' ? String(node.name) : undefined);
const stringOf = (node: Node | undefined) => (typeof node?.value === 'string' ? node.value : undefined);

/** `object.property`, written either way. */
function memberOf(node: Node): string | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  const property = field(node, 'property');
  return `${nameOf(field(node, 'object'))}.${nameOf(property) ?? stringOf(property)}`;
}

/** What a file asks for by path: imports of every kind, globs, and URLs relative to itself. */
function importsOf(nodes: readonly Node[], text: string): string[] {
  return nodes.flatMap((node) => {
    if (/^(Import|ExportNamed|ExportAll)(Declaration|Expression)$/.test(node.type))
      return stringOf(field(node, 'source')) ?? [];
    const first = stringOf((node.arguments as Node[] | undefined)?.[0]);
    if (first === undefined) return [];
    const callee = field(node, 'callee')!;
    const isGlob = text.slice(callee.start, callee.end) === 'import.meta.glob';
    return isGlob || (node.type === 'NewExpression' && nameOf(callee) === 'URL' && first.startsWith('.')) ? first : [];
  });
}

/** Everything that breaks a rule, one line each. */
export function breaches(tree: Tree): string[] {
  return codeOf(tree).flatMap(([path, text]) => {
    const nodes = nodesOf(path, text);
    return [
      ...wrongImports(path, nodes, text),
      ...OWNERS.filter(({ is, files }) => !files.test(path) && nodes.some(is)).map(({ what }) => what),
      ...nodes.flatMap((node) => badManners(path, node, text)),
    ].map((breach) => `${path} ${breach}`);
  });
}

function wrongImports(path: string, nodes: readonly Node[], text: string): string[] {
  return importsOf(nodes, text)
    .filter((target) => !mayImport(path, target.replace(/\?.*$/, '')))
    .map((target) => `imports ${target}`);
}

function mayImport(path: string, target: string): boolean {
  const room = roomOf(path);
  if (!target.startsWith('.')) return PACKAGES[room]?.test(target) ?? false;
  const to = normalize(join(dirname(path), target));
  if (isTest(`${to}.ts`)) return false;
  const there = roomOf(to);
  if (there === room) return true;
  if (path === 'src/microkit/loader.ts' && to === 'workers/*/main.ts') return true;
  if (room === 'workers/micropython' && there === '.cache') return true;
  if (!room.startsWith('workers/')) return ROOMS[room]?.includes(there) ?? false;
  return (
    to.startsWith('src/') &&
    (WORKER_MAY_IMPORT.includes(there) ||
      ((there === 'hw' || there === 'store') && mayKnowDevices(path)) ||
      (there === 'net' && SPEAKS_TCP_IP.includes(room)))
  );
}

/**
 * A driver's pd.ts puts the device model behind the registers and a store behind the device; the driver itself sees
 * registers. The monitor is made of device models.
 */
function mayKnowDevices(path: string): boolean {
  return /^workers\/((blk|eth|timer|uart)_driver_\w+\/pd\.ts$|fs_driver_vmm\/)/.test(path);
}

interface Owned {
  readonly what: string;
  readonly is: (node: Node) => boolean;
  readonly files: RegExp;
}

const isCallOf = (node: Node, pattern: RegExp) =>
  node.type === 'CallExpression' && pattern.test(nameOf(field(node, 'callee')) ?? '');

/** What only the named files may do. */
const OWNERS: readonly Owned[] = [
  {
    what: 'starts workers',
    // The page's isolation check asks the constructor whether it knows module workers, and starts none.
    is: (node) => /^(Shared)?Worker$/.test(nameOf(node) ?? '') || /[?&](shared)?worker\b/.test(stringOf(node) ?? ''),
    files: /^src\/(microkit\/(loader|monitor|spares|counting_endpoint)|page\/isolation)\.ts$/,
  },
  { what: 'blocks', is: (node) => memberOf(node) === 'Atomics.wait', files: /^src\/libmicrokit\// },
  {
    what: 'waits for shared memory',
    is: (node) => memberOf(node) === 'Atomics.waitAsync',
    files: /^src\/(libmicrokit\/|page\/|microkit\/(line_port|gate|watchdog|reboot)\.ts$)|^workers\/lan\/live\.ts$/,
  },
  {
    what: 'posts messages',
    is: (node) => nameOf(node) === 'postMessage',
    files:
      /^src\/(microkit\/(loader|monitor|counting_endpoint)|libmicrokit\/(start|control)|offline\/\w+|page\/guest_web|protocol\/lan)\.ts$|^workers\/lan\/(lan|guest_exchange)\.ts$/,
  },
  {
    what: 'reads a clock or throws dice',
    is: (node) =>
      /^(Date\.now|performance\..*|Math\.random)$/.test(memberOf(node) ?? '') ||
      isCallOf(node, /^Date$/) ||
      (node.type === 'NewExpression' &&
        nameOf(field(node, 'callee')) === 'Date' &&
        (node.arguments as []).length === 0),
    files: /^src\/(libmicrokit\/worker_kernel\.ts$|microkit\/loader\.ts$|page\/)/,
  },
  {
    what: 'sets timers',
    is: (node) => isCallOf(node, /^set(Timeout|Interval)$/),
    // A browser lets go of a file of a worker that ended only after a while: opening it is tried again. The loader has the monitor's clock.
    files: /^src\/(page\/|microkit\/loader\.ts$|offline\/service_worker\.ts$)|^src\/store\/opfs\.ts$/,
  },
];

const BASES = ['Error', 'TypeError', 'RangeError', 'EventTarget'];

/** Ways of writing that nothing here has. */
function badManners(path: string, node: Node, text: string): string[] {
  if (node.type === 'Program') return moduleVariables(node);
  if (node.type === 'TSEnumDeclaration') return ['has an enum'];
  if (node.type === 'ExportDefaultDeclaration' && !path.endsWith('.d.ts')) return ['has a default export'];
  if (node.superClass && !BASES.includes(nameOf(field(node, 'superClass')) ?? '')) return ['inherits'];
  const swallows = node.type === 'CatchClause' && /^\{\s*\}$/.test(text.slice(field(node, 'body')!.start, node.end));
  return swallows ? ['swallows an error'] : [];
}

function moduleVariables(program: Node): string[] {
  return (program.body as Node[])
    .map((statement) => field(statement, 'declaration') ?? statement)
    .filter(({ type, kind }) => type === 'VariableDeclaration' && kind !== 'const')
    .map(() => 'has a variable of the module');
}
