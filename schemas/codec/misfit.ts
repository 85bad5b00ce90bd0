// The slow ways, taken when something is wrong: which field of a value does not fit, and where an unknown symbol stands.
import type { AvroNode } from './avro-node.ts';
import { isUuid } from './uuid-text.ts';
import { dayOf, safeMax } from './writing.ts';

/** A value that does not fit, with the fields that lead to it. */
export interface MisfitPlace {
  readonly path: readonly string[];
  readonly value: unknown;
}

const isObject = (value: unknown): value is { readonly [field: string]: unknown } => typeof value === 'object' && value !== null;

/** The branch of a union that a value is meant for. */
const branchFor = (branches: readonly AvroNode[], value: unknown): AvroNode | undefined =>
  value === null
    ? branches.find(({ kind }) => kind === 'null')
    : (branches.find((branch) => branch.kind !== 'null' && findMisfit(branch, value) === null) ??
      branches.find((branch) => branch.kind !== 'null' && (branch.kind === 'record') === isObject(value)));

/** Whether a value without parts fits. */
const fits = (node: AvroNode, value: unknown): boolean => {
  switch (node.kind) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'number' && value === (value | 0);
    case 'long':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= safeMax;
    case 'string':
      return typeof value === 'string';
    case 'uuid':
      return isUuid(value);
    case 'date':
      return dayOf(value) !== null;
    case 'decimal': {
      const max = 10n ** BigInt(node.precision) - 1n;
      return typeof value === 'bigint' && value <= max && value >= -max;
    }
    case 'bytes':
      return value instanceof Uint8Array;
    case 'fixed':
      return value instanceof Uint8Array && value.length === node.size;
    case 'enum':
      return typeof value === 'string' && node.symbols.includes(value);
    default:
      return true;
  }
};

/** The first value that does not fit the schema; null when all do. */
export const findMisfit = (node: AvroNode, value: unknown, path: readonly string[] = []): MisfitPlace | null => {
  switch (node.kind) {
    case 'record': {
      if (!isObject(value)) return { path, value };
      for (const field of node.fields) {
        const own = value[field.name];
        if (own === undefined && field.fallback !== undefined) continue;
        const found = findMisfit(field.node, own, [...path, field.name]);
        if (found !== null) return found;
      }
      return null;
    }
    case 'array': {
      if (!Array.isArray(value)) return { path, value };
      for (const [at, item] of (value as readonly unknown[]).entries()) {
        const found = findMisfit(node.items, item, [...path, String(at)]);
        if (found !== null) return found;
      }
      return null;
    }
    case 'union': {
      const branch = branchFor(node.branches, value);
      return branch === undefined ? { path, value } : findMisfit(branch, value, path);
    }
    default:
      return fits(node, value) ? null : { path, value };
  }
};

/** Where the first symbol UNKNOWN stands, for example ValuationRecorded.envelope.origin.channel; null when there is none. */
export const findUnknownSymbol = (node: AvroNode, value: unknown, path: string): string | null => {
  switch (node.kind) {
    case 'enum':
      return value === 'UNKNOWN' ? path : null;
    case 'record': {
      if (!isObject(value)) return null;
      for (const field of node.fields) {
        const found = findUnknownSymbol(field.node, value[field.name], `${path}.${field.name}`);
        if (found !== null) return found;
      }
      return null;
    }
    case 'array': {
      if (!Array.isArray(value)) return null;
      for (const [at, item] of (value as readonly unknown[]).entries()) {
        const found = findUnknownSymbol(node.items, item, `${path}[${at}]`);
        if (found !== null) return found;
      }
      return null;
    }
    case 'union': {
      const branch = branchFor(node.branches, value);
      return branch === undefined ? null : findUnknownSymbol(branch, value, path);
    }
    default:
      return null;
  }
};
