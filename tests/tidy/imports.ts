// Who may import whom (design.md 1), as a table: layers meet on topics and tables, and only the commands compose them.
import { posix } from 'node:path';
import { isCode, isTestFile, type Finding, type TextFile } from './files.ts';

interface Layer {
  /** Other layers whose files it may import. */
  readonly layers: readonly string[];
  /** Packages that it may import, `node:` ones included; null for any. */
  readonly packages: readonly string[] | null;
  /** Its folders are features that may not import one another, these excepted, which all of them may. */
  readonly sharedFeatures?: readonly string[];
}

const core = ['domain', 'schemas', 'platform'];
export const importTable: Readonly<Record<string, Layer>> = {
  domain: { layers: [], packages: ['decimal.js'] },
  schemas: { layers: ['domain'], packages: null },
  platform: { layers: [], packages: null },
  producers: { layers: core, packages: null, sharedFeatures: [] },
  processors: { layers: core, packages: null, sharedFeatures: ['runtime'] },
  sinks: { layers: core, packages: null, sharedFeatures: [] },
  // The features of the API are views of one model and build on one another; import/no-cycle keeps them in order.
  api: { layers: core, packages: null },
  operations: { layers: core, packages: null },
  cli: { layers: [...core, 'producers', 'processors', 'sinks', 'api', 'operations'], packages: null },
};

const specifier = /(?:^|[;\s])(?:import|export)\s(?:[^'";]*?\sfrom\s)?\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

/** Every module that a program names, types included. */
export const importsOf = (text: string): readonly string[] =>
  [...text.matchAll(specifier)].map(([, fixed, dynamic]) => fixed ?? dynamic ?? '');

const layerOf = (path: string): string => path.split('/')[0] ?? '';
const featureOf = (path: string): string | null => (path.split('/').length > 2 ? (path.split('/')[1] ?? null) : null);

const wrongImport = (path: string, from: string): string | null => {
  const layer = importTable[layerOf(path)];
  if (layer === undefined) return null;
  const target = from.startsWith('#') ? from.slice(1) : from.startsWith('.') ? posix.join(posix.dirname(path), from) : null;
  if (target === null) {
    if (isTestFile(path) || layer.packages === null || layer.packages.includes(from)) return null;
    return `imports the package ${from}; ${layerOf(path)} may import ${layer.packages.join(', ')} only`;
  }
  if (isTestFile(path)) return null;
  if (isTestFile(target)) return `imports ${from}, which serves tests alone`;
  if (layerOf(target) !== layerOf(path)) {
    if (layer.layers.includes(layerOf(target))) return null;
    return `imports ${from}; ${layerOf(path)} may import ${layer.layers.join(', ') || 'its own files'} only`;
  }
  const [own, other] = [featureOf(path), featureOf(target)];
  if (layer.sharedFeatures === undefined || own === other || other === null || layer.sharedFeatures.includes(other)) return null;
  return `imports ${from}; features of ${layerOf(path)} meet on topics and tables, share by a file of the layer`;
};

/** Imports that the table does not allow. */
export const findWrongImports = (files: readonly TextFile[]): readonly Finding[] =>
  files
    .filter(({ path }) => isCode(path) && !path.startsWith('api/page/assets/'))
    .flatMap(({ path, text }) =>
      importsOf(text).flatMap((from) => {
        const problem = wrongImport(path, from);
        return problem === null ? [] : [{ path, problem }];
      }),
    );
