// A small client of the Confluent-compatible API of a schema registry, with the two native calls of Apicurio that keep
// ids: explicit ids sent through the Confluent API are ignored there (tried on 3.3.3), its import keeps them.
import type { AvroSchema } from '../load.ts';
import { contentArchive, type PinnedContent } from './content-archive.ts';

export type RegistryErrorCode = 'registry-unreachable' | 'registry-refused' | 'registry-differs';

/** A failure of the schema registry. `registry-differs` names what to do; it is never worth a retry. */
export class RegistryError extends Error {
  readonly code: RegistryErrorCode;
  constructor(code: RegistryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RegistryError';
    this.code = code;
  }
}

export interface SubjectVersion {
  readonly id: number;
  readonly version: number;
}

/** What the rest of this folder asks of a registry. All calls time out; all failures are RegistryError. */
export interface RegistryClient {
  /** The id and version under which a subject knows a schema in one of the texts of `textOf`, null when it does not. */
  lookup(subject: string, schema: AvroSchema): Promise<SubjectVersion | null>;
  /** The subjects that use an id; none when it is free. */
  subjectsOf(id: number): Promise<readonly string[]>;
  /** Registers the text of a schema and gives its id. */
  register(subject: string, text: string): Promise<number>;
  /** Deletes a version for good. */
  deleteVersion(subject: string, version: number): Promise<void>;
  compatibilityOf(subject: string): Promise<string | null>;
  setCompatibility(subject: string, level: string): Promise<void>;
  /** Whether a schema may become the next version of a subject. */
  isCompatible(subject: string, schema: AvroSchema): Promise<boolean>;
  /** Whether ids can be imported: true for Apicurio. */
  canImport(): Promise<boolean>;
  /** Stores schemas under given ids without a subject: the next registration of the same text gets that id. */
  importContents(contents: readonly PinnedContent[]): Promise<void>;
}

/** The text of a schema; blanks at its end make it another text of the same schema. */
export const textOf = (schema: AvroSchema, blanks = 0): string => JSON.stringify(schema) + ' '.repeat(blanks);
/** Texts of a schema that are tried to give it its pinned id. */
export const blanksMax = 3;

const contentType = 'application/vnd.schemaregistry.v1+json';

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** A client for `url`, the base of the Confluent-compatible API, for example http://127.0.0.1:8081/apis/ccompat/v7. */
export const createRegistryClient = (url: string, timeoutMs = 15_000): RegistryClient => {
  const base = url.replace(/\/+$/, '');
  const native = base.replace(/\/apis\/ccompat\/v\d+$/, '');
  const send = async (method: string, address: string, init: RequestInit = {}): Promise<Reply> => {
    try {
      const reply = await fetch(address, { method, signal: AbortSignal.timeout(timeoutMs), ...init });
      return { status: reply.status, text: await reply.text() };
    } catch (cause) {
      throw new RegistryError(
        'registry-unreachable',
        `the schema registry at ${base} did not answer ${method} ${address}; is SCHEMA_REGISTRY_URL right and the registry up?`,
        { cause },
      );
    }
  };
  const call = async (method: string, path: string, body?: unknown): Promise<Reply> =>
    send(method, `${base}${path}`, {
      headers: { 'content-type': contentType, accept: `${contentType}, application/json` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const refused = (what: string, reply: Reply): RegistryError =>
    new RegistryError(
      'registry-refused',
      `the schema registry at ${base} refused to ${what}: ${reply.status} ${reply.text.slice(0, 500)}`,
    );
  const asJson = <Value>(what: string, reply: Reply): Value => {
    if (reply.status !== 200) throw refused(what, reply);
    return JSON.parse(reply.text) as Value;
  };
  const at = (subject: string): string => `/subjects/${encodeURIComponent(subject)}`;
  return {
    lookup: async (subject, schema) => {
      for (let blanks = 0; blanks <= blanksMax; blanks += 1) {
        const reply = await call('POST', at(subject), { schema: textOf(schema, blanks), schemaType: 'AVRO' });
        if (reply.status !== 404) return asJson<SubjectVersion>(`look up ${subject}`, reply);
        if (reply.text.includes('40401')) return null;
      }
      return null;
    },
    subjectsOf: async (id) => {
      const reply = await call('GET', `/schemas/ids/${id}/subjects`);
      return reply.status === 404 ? [] : asJson<readonly string[]>(`name the subjects of schema ${id}`, reply);
    },
    register: async (subject, text) =>
      asJson<{ readonly id: number }>(
        `register ${subject}`,
        await call('POST', `${at(subject)}/versions`, { schema: text, schemaType: 'AVRO' }),
      ).id,
    deleteVersion: async (subject, version) => {
      const path = `${at(subject)}/versions/${version}`;
      for (const address of [path, `${path}?permanent=true`]) {
        const reply = await call('DELETE', address);
        if (reply.status !== 200 && reply.status !== 404) throw refused(`delete version ${version} of ${subject}`, reply);
      }
    },
    compatibilityOf: async (subject) => {
      const reply = await call('GET', `/config/${encodeURIComponent(subject)}`);
      return reply.status === 404
        ? null
        : asJson<{ readonly compatibilityLevel: string }>(`give the compatibility of ${subject}`, reply).compatibilityLevel;
    },
    setCompatibility: async (subject, level) => {
      asJson(
        `set the compatibility of ${subject}`,
        await call('PUT', `/config/${encodeURIComponent(subject)}`, { compatibility: level }),
      );
    },
    isCompatible: async (subject, schema) =>
      asJson<{ readonly is_compatible: boolean }>(
        `check ${subject}`,
        await call('POST', `/compatibility${at(subject)}/versions`, { schema: textOf(schema), schemaType: 'AVRO' }),
      ).is_compatible,
    canImport: async () => {
      const reply = await send('GET', `${native}/apis/registry/v3/system/info`);
      return reply.status === 200 && reply.text.includes('Apicurio');
    },
    importContents: async (contents) => {
      const reply = await send('POST', `${native}/apis/registry/v3/admin/import?requireEmptyRegistry=false`, {
        headers: {
          'content-type': 'application/zip',
          'X-Registry-Preserve-ContentId': 'true',
          'X-Registry-Preserve-GlobalId': 'false',
        },
        body: contentArchive(contents),
      });
      if (reply.status !== 204 && reply.status !== 200) throw refused('import schemas with their ids', reply);
    },
  };
};
