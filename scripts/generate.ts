// npm run generate: everything that is written from schemas, rules and definitions, and the list of migrations. Tests compare the result
// with what is committed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { generateAsyncApi } from '../schemas/asyncapi.ts';
import { generateTypes } from '../schemas/generate-types.ts';
import { loadCodec, releaseSchemas } from '../schemas/released.ts';
import { textFiles } from '../tests/tidy/files.ts';
import { listMigrations, type MigrationList } from '../tests/tidy/migrations.ts';
import { describeSystem, topologyDocument } from '../cli/topology.ts';
import { dashboardFiles } from '../dashboards/dashboards.ts';
import { rulesDocument } from './rules-document.ts';

writeFileSync(new URL('../domain/messages.ts', import.meta.url), generateTypes());
const added = releaseSchemas();
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
mkdirSync(new URL('../docs/', import.meta.url), { recursive: true });
writeFileSync(
  new URL('../docs/asyncapi.yaml', import.meta.url),
  generateAsyncApi({ version, topicPrefix: 'stratcap.', partitions: 8 }),
);
writeFileSync(new URL('../docs/rules.md', import.meta.url), rulesDocument());
writeFileSync(
  new URL('../docs/topology.md', import.meta.url),
  topologyDocument(describeSystem({ codec: loadCodec(), topicPrefix: 'stratcap.', partitions: 8 })),
);
for (const { name, text } of dashboardFiles()) writeFileSync(new URL(`../dashboards/json/${name}`, import.meta.url), text);
const migrationList = new URL('../tests/tidy/migrations.json', import.meta.url);
const listed = JSON.parse(readFileSync(migrationList, 'utf8')) as MigrationList;
writeFileSync(migrationList, `${JSON.stringify(listMigrations(textFiles(), listed), null, 2)}\n`);
console.log(added.length === 0 ? 'Schemas: nothing new to release.' : `Schemas released: ${added.join(', ')}`);
