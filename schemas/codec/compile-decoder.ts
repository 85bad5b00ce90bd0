// Makes JavaScript of a read plan: one function per schema pair, with the usual one-byte cases in place. Compiled code is used
// because a closure per field costs nearly twice as much (bench/README.md); names in it were checked when the schema was read.
import { fewestItemBytes, type AvroNode, type RecordNode } from './avro-node.ts';
import { reading, type Reading } from './reading.ts';
import type { ReadPlan, RecordPlan } from './resolve.ts';
import { idField, type IdField } from './uuid-text.ts';

/** Reads a whole Avro body from `start` to the end of the bytes. @throws RangeError saying what is wrong with them. */
export type Decode = (bytes: Buffer, start: number) => unknown;

/** Records within records within …: far from the deepest sound message, and from the end of the stack. */
const depthMax = 100;

/** Ids of one field share their slots over all schemas: it is the same fund in each. */
const idFields = new Map<string, IdField>();
const sharedIdField = (name: string): IdField => {
  const field = idFields.get(name) ?? idField();
  idFields.set(name, field);
  return field;
};

/** The code of one decoder while it grows. */
interface Code {
  readonly functions: string[];
  /** What the code refers to as K[0], K[1], …. */
  readonly constants: unknown[];
  readonly readers: Map<RecordPlan, string>;
  readonly skippers: Map<RecordNode, string>;
  variables: number;
}

const constant = (code: Code, value: unknown): string => `K${code.constants.push(value) - 1}`;
const variable = (code: Code): string => {
  code.variables += 1;
  return `v${code.variables}`;
};

/** Reads the place of a branch or symbol into x. */
const place = 'if((x=b[p++])<128&&(x&1)===0)x>>=1;else{x=R.long(b,p-1);p=R.at}';
const long = (target: string, slow: 'long' | 'int'): string =>
  `if((x=b[p++])<128)${target}=(x>>>1)^-(x&1);else{${target}=R.${slow}(b,p-1);p=R.at}`;

const loop = (code: Code, itemBytes: number, body: string): string => {
  const count = variable(code);
  return `while((x=b[p++])!==0){let ${count}=R.count(b,p-1,e,${itemBytes});p=R.at;if(${count}===0)break;while(${count}-->0){${body}}}`;
};

/** A function of its own for what is used more than once or within itself. */
const addFunction = (code: Code, body: (name: string) => string): string => {
  const name = `f${code.functions.length}`;
  const place = code.functions.push('') - 1;
  code.functions[place] =
    `function ${name}(b,p,e,d){let x=0;if(d>${depthMax})throw R.fail('records nested too deep');${body(name)}}`;
  return name;
};

const isWithinItself = (record: RecordNode): boolean => {
  const seen = new Set<AvroNode>();
  const reaches = (node: AvroNode): boolean => {
    if (node === record) return true;
    if (seen.has(node)) return false;
    seen.add(node);
    switch (node.kind) {
      case 'record':
        return node.fields.some((field) => reaches(field.node));
      case 'union':
        return node.branches.some(reaches);
      case 'array':
        return reaches(node.items);
      default:
        return false;
    }
  };
  return record.fields.some((field) => reaches(field.node));
};

const skipText = 'x=R.length(b,p,e);p=R.at+x;';

/** Passes over a value of the writer; nothing is made of it. */
const skip = (code: Code, node: AvroNode): string => {
  switch (node.kind) {
    case 'null':
      return '';
    case 'boolean':
      return 'p++;';
    case 'int':
    case 'long':
    case 'date':
    case 'enum':
      return 'while(b[p++]>127);';
    case 'uuid':
      return `if(b[p]===72)p+=37;else{${skipText}}`;
    case 'string':
    case 'bytes':
    case 'decimal':
      return `if(((x=b[p])&129)===0)p+=1+(x>>1);else{${skipText}}`;
    case 'fixed':
      return `p+=${node.size};`;
    case 'array':
      return loop(code, fewestItemBytes(node), skip(code, node.items));
    case 'union':
      return `${place}${choose(node.branches.map((branch) => skip(code, branch)))}`;
    case 'record': {
      const fields = (): string => node.fields.map((field) => skip(code, field.node)).join('');
      if (!isWithinItself(node)) return fields();
      const known = code.skippers.get(node);
      const name =
        known ??
        addFunction(code, (own) => {
          code.skippers.set(node, own);
          return `${fields()}R.at=p;`;
        });
      return `${name}(b,p,e,d+1);p=R.at;`;
    }
  }
};

const choose = (branches: readonly string[]): string =>
  `${branches.map((body, at) => `if(x===${at}){${body}}else `).join('')}throw R.fail('union branch '+x);`;

/** Reads a value into `target`, a variable that is declared. `field` names the field in which it stands. */
const read = (code: Code, plan: ReadPlan, target: string, field: string): string => {
  switch (plan.op) {
    case 'skip':
      return skip(code, plan.node);
    case 'null':
      return `${target}=null;`;
    case 'boolean':
      return `${target}=!!b[p++];`;
    case 'int':
      return long(target, 'int');
    case 'long':
      return long(target, 'long');
    case 'date':
      return `${long('x', 'int')}${target}=R.date(x);`;
    case 'bytes':
      return `${target}=R.bytes(b,p,e);p=R.at;`;
    case 'string':
      return `${target}=R.text(b,p,e);p=R.at;`;
    case 'uuid':
      return `${target}=R.id(b,p,e,${constant(code, sharedIdField(field))});p=R.at;`;
    case 'decimal':
      return `${target}=R.decimal(b,p,e,${plan.bytesMax});p=R.at;`;
    case 'fixed':
      return `${target}=R.fixed(b,p,e,${plan.size});p=R.at;`;
    case 'enum': {
      const unknown = plan.symbols.includes('UNKNOWN') ? `if(${target}==='UNKNOWN')R.unknown=true;` : '';
      return `${place}${target}=${constant(code, plan.symbols)}[x];if(${target}===undefined)throw R.fail('${plan.name} has no symbol '+x);${unknown}`;
    }
    case 'array': {
      const item = variable(code);
      return `${target}=[];${loop(code, plan.itemBytes, `let ${item};${read(code, plan.items, item, field)}${target}.push(${item});`)}`;
    }
    case 'union':
      return `${place}${choose(plan.branches.map((branch) => read(code, branch, target, field)))}`;
    case 'record': {
      if (plan.uses === 1) return readFields(code, plan, `${target}=`);
      const known = code.readers.get(plan);
      const name =
        known ??
        addFunction(code, (own) => {
          code.readers.set(plan, own);
          return `let r;${readFields(code, plan, 'r=')}R.at=p;return r;`;
        });
      return `${target}=${name}(b,p,e,d+1);p=R.at;`;
    }
  }
};

const readFields = (code: Code, plan: RecordPlan, assign: string): string => {
  const variables = new Map<string, string>();
  const steps = plan.steps.map(({ field, plan: step }) => {
    if (field === null) return read(code, step, '', '');
    const own = variable(code);
    variables.set(field, own);
    return `let ${own};${read(code, step, own, field)}`;
  });
  const unknown = plan.fields.some(({ fallback }) => fallback?.includes('"UNKNOWN"') === true) ? 'R.unknown=true;' : '';
  return `${steps.join('')}${unknown}${assign}{${plan.fields
    .map(({ name, fallback }) => `${name}:${fallback ?? variables.get(name) ?? 'undefined'}`)
    .join(',')}};`;
};

/** Compiles a plan. `reading.unknown` is raised when a symbol UNKNOWN was read or taken as a default. */
export const compileDecoder = (plan: ReadPlan): Decode => {
  const code: Code = { functions: [], constants: [], readers: new Map(), skippers: new Map(), variables: 0 };
  const body = read(code, plan, 'r', '');
  const constants = code.constants.map((_, at) => `K${at}`);
  const source = `'use strict';${code.functions.join('\n')}
return function decode(b,p){const e=b.length,d=0;let x=0,r;${body}if(p!==e)throw p>e?R.truncated():R.fail('trailing data');return r;};`;
  // oxlint-disable-next-line no-new-func -- the point of this file; every name in it was held against a form.
  // oxlint-disable-next-line typescript/no-implied-eval -- generated from released schemas alone, nothing from outside enters it
  const make = new Function('R', 'Buffer', ...constants, source) as (
    own: Reading,
    buffer: typeof Buffer,
    ...values: readonly unknown[]
  ) => Decode;
  return make(reading, Buffer, ...code.constants);
};
