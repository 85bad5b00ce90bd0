// npm run generate: everything that is written from the schemas. CI compares the result with what is committed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { generateAsyncApi } from '../schemas/asyncapi.ts';
import { generateTypes } from '../schemas/generate-types.ts';
import { releaseSchemas } from '../schemas/released.ts';

writeFileSync(new URL('../domain/messages.ts', import.meta.url), generateTypes());
const added = releaseSchemas();
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
mkdirSync(new URL('../docs/', import.meta.url), { recursive: true });
writeFileSync(
  new URL('../docs/asyncapi.yaml', import.meta.url),
  generateAsyncApi({ version, topicPrefix: 'stratcap.', partitions: 8 }),
);
console.log(added.length === 0 ? 'Schemas: nothing new to release.' : `Schemas released: ${added.join(', ')}`);
