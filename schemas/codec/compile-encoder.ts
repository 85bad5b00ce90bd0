// Makes JavaScript of a schema: one function that writes a value into bytes, each field where the last one ended, with nothing made
// in between.
import { fewestItemBytes, type AvroNode, type RecordNode } from './avro-node.ts';
import { literalOf } from './resolve.ts';
import { writing, type Writing } from './writing.ts';

/**
 * Writes a value at a place and gives back the place after it; a place beyond the end says that it did not fit.
 * @throws Error when the value does not fit the schema.
 */
export type Encode = (value: unknown, bytes: Buffer, at: number) => number;

interface Code {
  readonly functions: string[];
  /** What the code refers to as K0, K1, …. */
  readonly constants: unknown[];
  readonly uses: ReadonlyMap<RecordNode, number>;
  readonly writers: Map<RecordNode, string>;
  variables: number;
}

const variable = (code: Code): string => {
  code.variables += 1;
  return `v${code.variables}`;
};

/** How often a schema refers to each of its records; what it refers to once is written in place. */
const countUses = (node: AvroNode, uses = new Map<RecordNode, number>()): ReadonlyMap<RecordNode, number> => {
  switch (node.kind) {
    case 'record':
      uses.set(node, (uses.get(node) ?? 0) + 1);
      if (uses.get(node) === 1) for (const field of node.fields) countUses(field.node, uses);
      break;
    case 'union':
      for (const branch of node.branches) countUses(branch, uses);
      break;
    case 'array':
      countUses(node.items, uses);
      break;
    default:
  }
  return uses;
};

/** What tells that a value is meant for a branch of a union; the branch then checks it. */
const branchTest = (node: AvroNode, value: string): { readonly bucket: string; readonly test: string } => {
  switch (node.kind) {
    case 'null':
      return { bucket: 'null', test: `${value}===null` };
    case 'boolean':
      return { bucket: 'boolean', test: `typeof ${value}==='boolean'` };
    case 'int':
    case 'long':
      return { bucket: 'number', test: `typeof ${value}==='number'` };
    case 'decimal':
      return { bucket: 'bigint', test: `typeof ${value}==='bigint'` };
    case 'bytes':
    case 'fixed':
      return { bucket: 'bytes', test: `${value} instanceof Uint8Array` };
    case 'array':
      return { bucket: 'array', test: `Array.isArray(${value})` };
    case 'record':
      return { bucket: 'object', test: `typeof ${value}==='object'` };
    default:
      return { bucket: 'string', test: `typeof ${value}==='string'` };
  }
};

const writeUnion = (code: Code, branches: readonly AvroNode[], value: string): string => {
  const tests = branches.map((branch) => branchTest(branch, value));
  if (new Set(tests.map(({ bucket }) => bucket)).size < tests.length)
    throw new Error(
      `a union of ${branches.map(({ kind }) => kind).join(' and ')} is not supported: a value does not say which it is`,
    );
  const last = branches.length - 1;
  return branches
    .map((branch, at) => ({ at, branch, test: tests[at]?.test ?? 'false', isNull: branch.kind === 'null' }))
    .sort((left, right) => Number(right.isNull) - Number(left.isNull))
    .map(({ at, branch, test, isNull }, order) => {
      const body = `{b[p++]=${at * 2};${isNull ? '' : write(code, branch, value)}}`;
      return order === last ? body : `if(${test})${body}else `;
    })
    .join('');
};

/** Writes the value of an expression without side effects. */
const write = (code: Code, node: AvroNode, value: string): string => {
  switch (node.kind) {
    case 'null':
      return `if(${value}!==null)throw W.misfit();`;
    case 'boolean':
      return `if(typeof ${value}!=='boolean')throw W.misfit();b[p++]=${value}?1:0;`;
    case 'int':
      return `if(${value}>=0&&${value}<64&&${value}===(${value}|0))b[p++]=${value}<<1;else p=W.int(b,p,${value});`;
    case 'long':
      return `p=W.long(b,p,${value});`;
    case 'string':
      return `p=W.text(b,p,${value});`;
    case 'uuid':
      return `p=W.id(b,p,${value});`;
    case 'bytes':
      return `p=W.bytes(b,p,${value});`;
    case 'date':
      return `p=W.date(b,p,${value});`;
    case 'fixed':
      return `p=W.fixed(b,p,${value},${node.size});`;
    case 'decimal': {
      const max = 10n ** BigInt(node.precision) - 1n;
      return `p=W.decimal(b,p,${value},${Number(max)},${max}n);`;
    }
    case 'enum': {
      const places = `K${code.constants.push(new Map(node.symbols.map((symbol, at) => [symbol, at]))) - 1}`;
      return `x=${places}.get(${value});if(x===undefined)throw W.misfit();${node.symbols.length <= 64 ? 'b[p++]=x<<1;' : 'p=W.count(b,p,x);'}`;
    }
    case 'array': {
      fewestItemBytes(node);
      const [item, at] = [variable(code), variable(code)];
      return `if(!Array.isArray(${value}))throw W.misfit();if(${value}.length>0){p=W.count(b,p,${value}.length);for(let ${at}=0;${at}<${value}.length;${at}++){const ${item}=${value}[${at}];${write(code, node.items, item)}}}b[p++]=0;`;
    }
    case 'union':
      return writeUnion(code, node.branches, value);
    case 'record': {
      if (code.uses.get(node) === 1) return writeFields(code, node, value);
      const known = code.writers.get(node);
      if (known !== undefined) return `p=${known}(${value},b,p);`;
      const name = `f${code.functions.length}`;
      code.writers.set(node, name);
      const place = code.functions.push('') - 1;
      code.functions[place] = `function ${name}(o,b,p){let x=0;${writeFields(code, node, 'o')}return p;}`;
      return `p=${name}(${value},b,p);`;
    }
  }
};

const writeFields = (code: Code, node: RecordNode, record: string): string => {
  const fields = node.fields.map((field) => {
    const own = variable(code);
    // A field that is missing is written as its default, as the schema says.
    const fallback = field.fallback === undefined ? '' : `if(${own}===undefined)${own}=${literalOf(field.node, field.fallback)};`;
    return `let ${own}=${record}.${field.name};${fallback}${write(code, field.node, own)}`;
  });
  return `if(typeof ${record}!=='object'||${record}===null)throw W.misfit();${fields.join('')}`;
};

/** Compiles a schema. */
export const compileEncoder = (node: AvroNode): Encode => {
  const code: Code = { functions: [], constants: [], uses: countUses(node), writers: new Map(), variables: 0 };
  const body = write(code, node, 'o');
  const source = `'use strict';${code.functions.join('\n')}\nreturn function encode(o,b,p){let x=0;${body}return p;};`;
  // oxlint-disable-next-line no-new-func -- the point of this file; every name in it was held against a form.
  // oxlint-disable-next-line typescript/no-implied-eval -- generated from released schemas alone, nothing from outside enters it
  const make = new Function('W', 'Buffer', ...code.constants.map((_, at) => `K${at}`), source) as (
    own: Writing,
    buffer: typeof Buffer,
    ...values: readonly unknown[]
  ) => Encode;
  return make(writing, Buffer, ...code.constants);
};
