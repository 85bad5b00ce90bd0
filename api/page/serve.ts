// Serves the page: one document for all its addresses, and its modules, style and icon as files, so that the content policy can forbid inline code.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const assets = fileURLToPath(new URL('./assets/', import.meta.url));

/** Addresses that show the document; its router reads the rest of the address. */
export const pageAddresses = [
  '/',
  '/funds/:fund_id',
  '/capital-calls/:call_id',
  '/distributions/:distribution_id',
  '/investors',
  '/investors/:investor_id',
  '/pipeline',
] as const;

/** The one document, which shows its own words for an address that it does not know. */
export const pageDocument = (): Promise<string> => readFile(`${assets}index.html`, 'utf8');

/** Registers the page. Only modules, style and images leave the folder; tests beside them do not. */
export const registerPage = async (app: FastifyInstance): Promise<void> => {
  const document = await pageDocument();
  const icon = await readFile(`${assets}favicon.svg`);
  await app.register(fastifyStatic, {
    root: assets,
    prefix: '/assets/',
    index: false,
    dotfiles: 'deny',
    cacheControl: false,
    allowedPath: (path) => /^\/[a-z0-9/-]+\.(js|css|svg)$/.test(path),
    setHeaders: (reply) => {
      reply.header('cache-control', 'no-cache');
    },
  });
  for (const address of pageAddresses) {
    app.get(address, { schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(document),
    );
  }
  app.get('/favicon.ico', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('image/svg+xml').header('cache-control', 'max-age=86400').send(icon),
  );
};
