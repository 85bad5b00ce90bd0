// Writes docs/rules.md: the rule registry of the ledger as a table for those who send commands.
import { rules } from '../domain/ledger/rules.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The document as it has to stand in docs/rules.md; a test compares. */
export const rulesDocument = (): string => {
  const rows = rules.map(({ name, description, severity, commands }) => {
    // The registry gives no command type to the rule that is checked for every one of them.
    const types = commands.length === 0 ? 'every command' : commands.map((type) => `\`${type}\``).join(', ');
    return `| \`${name}\` | ${cell(description)} | ${severity} | ${types} |`;
  });
  return `# Rules of the ledger

Written from \`domain/ledger/rules.ts\` by \`npm run generate\`. Every rule of a command type is checked for every such command,
in this order; a command is answered with all rules that it breaks. An ERROR rejects the command, and its name is the reason;
a WARNING or an INFO is kept with the event as a finding. \`?preview=true\` tells all of them without booking.

| rule | what holds | severity | checked for |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
};
