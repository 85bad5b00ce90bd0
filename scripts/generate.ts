// npm run generate: everything that is written from the schemas. CI compares the result with what is committed.
import { writeFileSync } from 'node:fs';
import { generateTypes } from '../schemas/generate-types.ts';
import { releaseSchemas } from '../schemas/released.ts';

writeFileSync(new URL('../domain/messages.ts', import.meta.url), generateTypes());
const added = releaseSchemas();
console.log(added.length === 0 ? 'Schemas: nothing new to release.' : `Schemas released: ${added.join(', ')}`);
