// The repository checks itself: what the reviewers of a change would otherwise have to look for. Each check has a case that
// shows that it bites.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSchemaFiles } from '#schemas/load.ts';
import { topics } from '#schemas/topics.ts';
import { rulesDocument } from '../scripts/rules-document.ts';
import { findDeadLinks, findGlossaryFaults, findLongDocuments, findWrongTitles } from './tidy/documents.ts';
import { allPaths, textFiles, withoutComments, type Finding } from './tidy/files.ts';
import { findWrongImports, importsOf } from './tidy/imports.ts';
import { findLongFiles } from './tidy/lengths.ts';
import { findMigrationFaults, listMigrations, type MigrationList } from './tidy/migrations.ts';
import { findFundWords, findLeftovers, findPlaces, findTopicLiterals } from './tidy/words.ts';

const files = textFiles();
const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const listed = JSON.parse(read('tests/tidy/migrations.json')) as MigrationList;
const file = (path: string, ...lines: string[]) => ({ path, text: `${lines.join('\n')}\n` });
const problems = (findings: readonly Finding[]): readonly string[] => findings.map(({ path, problem }) => `${path} ${problem}`);

/** Types and fields of the schemas by their names in Avro. */
const schemaNames = () => {
  const types = new Set<string>();
  const fields = new Set<string>();
  const collect = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(collect);
    if (typeof node !== 'object' || node === null) return;
    const { type, name, fields: inner } = node as { type?: unknown; name?: string; fields?: readonly { name: string }[] };
    if (name !== undefined && ['record', 'enum', 'fixed'].includes(String(type))) types.add(name);
    for (const field of inner ?? []) fields.add(field.name);
    Object.values(node).forEach(collect);
  };
  for (const { schema } of readSchemaFiles()) collect(schema);
  return { types, fields };
};

describe('imports', () => {
  test('every layer imports only what the table allows', () => {
    expect(problems(findWrongImports(files))).toEqual([]);
  });

  test.each([
    ['domain/money/money.ts', "import { readFile } from 'node:fs/promises';", 'decimal.js only'],
    ['domain/money/money.ts', "import type { Pool } from 'pg';", 'decimal.js only'],
    ['domain/money/money.ts', "import { topics } from '#schemas/topics.ts';", 'its own files only'],
    ['schemas/codec.ts', "import { connect } from '#platform/kafka/connect.ts';", 'domain only'],
    ['platform/kafka/port.ts', "export { topics } from '../../schemas/topics.ts';", 'its own files only'],
    ['sinks/postgres/sink.ts', "const api = await import('#api/server.ts');", 'domain, schemas, platform only'],
    ['sinks/postgres/sink.ts', "import { rows } from '../clickhouse/rows.ts';", 'meet on topics and tables'],
    ['processors/ledger/processor.ts', "import '../capital-accounts/processor.ts';", 'meet on topics and tables'],
    ['api/server.ts', "import { intake } from '#producers/commands/intake.ts';", 'domain, schemas, platform only'],
    ['cli/main.ts', "import { createIsolation } from '#tests/support/stack.ts';", 'serves tests alone'],
    ['api/server.ts', "import { openApi } from './api.fixture.ts';", 'serves tests alone'],
  ])('an import that it does not allow is found: %s %s', (path, line, problem) => {
    expect(problems(findWrongImports([file(path, '// What it is for.', line)]))).toEqual([expect.stringContaining(problem)]);
  });

  test('what is allowed is no finding, and imports over several lines are read', () => {
    expect(
      problems(findWrongImports([file('processors/ledger/processor.ts', "import { run } from '../runtime/runtime.ts';")])),
    ).toEqual([]);
    expect(
      problems(findWrongImports([file('domain/money/money.test.ts', "import { command } from '#tests/support/commands.ts';")])),
    ).toEqual([]);
    expect(
      importsOf(
        "import {\n  a,\n  b,\n} from './a.ts';\nimport type { C } from './c.ts';\nimport './d.ts';\nexport * from './e.ts';\n",
      ),
    ).toEqual(['./a.ts', './c.ts', './d.ts', './e.ts']);
  });
});

describe('words', () => {
  test('no work is left lying and no test is held back', () => {
    expect(problems(findLeftovers(files))).toEqual([]);
  });

  test('a note of work left and a held-back test are found', () => {
    expect(findLeftovers([file('cli/a.ts', `// ${'TO'}${'DO'}: later`)])).toHaveLength(1);
    expect(findLeftovers([file('README.md', `${'FIX'}${'ME'} later`)])).toHaveLength(1);
    expect(findLeftovers([file('cli/a.test.ts', `it.${'skip'}('works', () => {});`)])).toHaveLength(1);
    expect(findLeftovers([file('cli/a.test.ts', `describe.${'only'}('it', () => {});`)])).toHaveLength(1);
    expect(findLeftovers([file('platform/a.ts', 'reader.skip(4);')])).toEqual([]);
  });

  test('the platform knows nothing of funds', () => {
    expect(problems(findFundWords(files))).toEqual([]);
  });

  test('a word of funds in the platform is found, in its documents it is allowed', () => {
    expect(findFundWords([file('platform/postgres/pool.ts', 'const fundId = 1;')])).toHaveLength(1);
    expect(findFundWords([file('platform/postgres/pool.ts', '// One per investor.')])).toHaveLength(1);
    expect(findFundWords([file('platform/README.md', 'The fund.'), file('platform/a.ts', '// fundamental')])).toEqual([]);
  });

  test('topics are named in schemas/topics.ts alone', () => {
    expect(problems(findTopicLiterals(files, Object.keys(topics)))).toEqual([]);
  });

  test('the full name of a topic elsewhere is found', () => {
    expect(findTopicLiterals([file('sinks/a.ts', "subscribe('stratcap.events');")], ['events'])).toHaveLength(1);
    expect(
      findTopicLiterals([file('schemas/a.ts', "const name = 'stratcap.event.FundCreated'; // of stratcap.events")], ['events']),
    ).toEqual([]);
    expect(withoutComments("a('http://127.0.0.1'); // b\n/** c */\nd();")).toBe("a('http://127.0.0.1');\n\nd();");
  });

  test('no file names a package registry or a path of one machine', () => {
    expect(problems(findPlaces(files))).toEqual([]);
  });

  test('the name of a registry and a path of one machine are found', () => {
    expect(
      findPlaces([file('package-lock.json', `"resolved": "https://${['registry', 'npm' + 'js', 'org'].join('.')}/pg"`)]),
    ).toHaveLength(1);
    expect(findPlaces([file('cli/a.ts', `read('/${'wo'}${'rk'}/main/a.csv');`)])).toHaveLength(1);
    expect(findPlaces([file('cli/a.ts', "read('data/work/a.csv');")])).toEqual([]);
  });
});

describe('migrations', () => {
  test('they are numbered without gaps and read as they did when they were listed', () => {
    expect(problems(findMigrationFaults(files, listed))).toEqual([]);
  });

  test('a gap, a change, a new one and a lost one are found', () => {
    const first = file('sinks/postgres/migrations/0001_events.sql', 'CREATE TABLE events ();');
    const list = listMigrations([first], {});
    expect(findMigrationFaults([first], list)).toEqual([]);
    expect(problems(findMigrationFaults([{ ...first, text: 'DROP TABLE events;' }], list))).toEqual([
      expect.stringContaining('was changed'),
    ]);
    expect(problems(findMigrationFaults([], list))).toEqual([expect.stringContaining('and gone')]);
    const third = file('sinks/postgres/migrations/0003_more.sql', 'SELECT 1;');
    expect(problems(findMigrationFaults([first, third], list))).toEqual([
      expect.stringContaining('should be named 0002_'),
      expect.stringContaining('run npm run generate'),
    ]);
  });

  test('listing adds what is new and never changes what is listed', () => {
    const changed = file('sinks/postgres/migrations/0001_events.sql', 'changed');
    const added = file('sinks/postgres/migrations/0002_more.sql', 'SELECT 1;');
    expect(listMigrations([changed, added], { [changed.path]: 'as it was' })).toEqual({
      [changed.path]: 'as it was',
      [added.path]: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});

describe('documents', () => {
  test('links lead somewhere', () => {
    expect(problems(findDeadLinks(files, allPaths()))).toEqual([]);
  });

  test('a dead link and a lost heading are found', () => {
    const page = file(
      'docs/a.md',
      '# A page',
      '[b](b.md) [c](../cli/) [web](https://example.org) [top](#a-page) [gone](#gone)',
      '```',
      '[code](x.md)',
      '```',
    );
    expect(problems(findDeadLinks([page], ['docs/a.md', 'cli/main.ts']))).toEqual([
      'docs/a.md links to b.md, which does not exist',
      'docs/a.md links to #gone, but docs/a.md has no such heading',
    ]);
  });

  test('every document has one title and can be read to the end', () => {
    expect(problems([...findWrongTitles(files), ...findLongDocuments(files)])).toEqual([]);
  });

  test('a document without a title, with two, and one that is too long are found', () => {
    expect(
      findWrongTitles([
        file('docs/a.md', 'Text.'),
        file('docs/b.md', '# One', '# Two'),
        file('docs/c.md', '# One', '```', '# a comment', '```'),
      ]),
    ).toHaveLength(2);
    expect(
      findLongDocuments([
        file('api/README.md', ...Array.from({ length: 61 }, () => 'Text.')),
        file('README.md', ...Array.from({ length: 61 }, () => 'Text.')),
      ]),
    ).toHaveLength(1);
  });

  test('the glossary has one word for every type of the schemas, and no name that they do not have', () => {
    expect(problems(findGlossaryFaults(read('docs/glossary.md'), schemaNames()))).toEqual([]);
  });

  test('a word twice, a word without a sentence, a stale name and a type without a word are found', () => {
    const text =
      '| word | meaning | in the schemas |\n| --- | --- | --- |\n| fund | A pool of capital. | `FundCard` |\n| Fund | The same | `FundCard`, `Gone` |\n';
    expect(problems(findGlossaryFaults(text, { types: new Set(['FundCard', 'EventRef']), fields: new Set() }))).toEqual([
      expect.stringContaining('stands there twice'),
      expect.stringContaining('not explained by a sentence'),
      expect.stringContaining('`FundCard` stands for "fund" and for "Fund"'),
      expect.stringContaining('`Gone` of "Fund" is no type'),
      expect.stringContaining('the type `EventRef` of schemas/ has no word'),
    ]);
  });

  test('docs/rules.md is the rule registry; run npm run generate when this fails', () => {
    expect(read('docs/rules.md')).toBe(rulesDocument());
    expect(rulesDocument()).toContain('| `fund-closed` | A closed or liquidated fund takes no commitments');
  });
});

describe('lengths', () => {
  test('no program is longer than what a reader can hold', () => {
    expect(problems(findLongFiles(files))).toEqual([]);
  });

  test('a long program and an exception without need are found', () => {
    const long = { path: 'cli/a.ts', text: 'run();\n'.repeat(401) };
    expect(findLongFiles([long], {})).toHaveLength(1);
    expect(findLongFiles([long], { 'cli/a.ts': 'generated' })).toEqual([]);
    expect(findLongFiles([{ ...long, text: 'run();\n' }], { 'cli/a.ts': 'generated' })).toHaveLength(1);
    expect(findLongFiles([{ ...long, path: 'cli/a.test.ts' }], {})).toEqual([]);
  });
});
