// The embedded schema registry: Apicurio, with a Postgres database of its own, spoken to by its Confluent-compatible API.
import { join } from 'node:path';
import getPort from 'get-port';
import type { KeptProcess } from '#platform/process/keep-alive.ts';
import { answersHttp, keepEngine, type EngineContext } from './engine-context.ts';
import type { JavaEngineFiles } from './java-engine.ts';

/** Name of the registry's database. Not in a projection: a rebuild of Postgres leaves it alone. */
export const REGISTRY_DATABASE = 'registry';

/** The URL of the Confluent-compatible API of a registry on a loopback port. */
export const registryUrl = (port: number): string => `http://127.0.0.1:${port}/apis/ccompat/v7`;

interface RegistryOptions extends JavaEngineFiles {
  readonly port: number;
  /** URL of its own database, which exists. */
  readonly database: URL;
}

/** The kept process of the registry, not yet started. */
export const prepareRegistry = async (
  context: EngineContext,
  { jdk, files, archive, options, data, port, database }: RegistryOptions,
): Promise<KeptProcess> => {
  const managementPort = await getPort({ host: '127.0.0.1', reserve: true });
  return keepEngine(context, {
    engine: 'registry',
    title: 'The schema registry',
    address: registryUrl(port),
    command: join(jdk.home, 'bin', 'java'),
    args: [
      ...archive.options,
      '-Xms64m',
      `-Xmx${context.env['STRATCAP_REGISTRY_HEAP'] || '384m'}`,
      ...options,
      '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
      '-jar',
      join(files, 'quarkus-run.jar'),
    ],
    env: {
      ...context.env,
      QUARKUS_HTTP_HOST: '127.0.0.1',
      QUARKUS_HTTP_PORT: String(port),
      // Its health listener is on all interfaces unless told otherwise.
      QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
      QUARKUS_MANAGEMENT_PORT: String(managementPort),
      QUARKUS_OTEL_SDK_DISABLED: 'true',
      QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false',
      QUARKUS_LOG_LEVEL: 'WARN',
      LOG_LEVEL: 'WARN',
      REGISTRY_LOG_LEVEL: 'WARN',
      APICURIO_STORAGE_KIND: 'sql',
      APICURIO_STORAGE_SQL_KIND: 'postgresql',
      APICURIO_DATASOURCE_URL: `jdbc:postgresql://${database.host}${database.pathname}`,
      APICURIO_DATASOURCE_USERNAME: decodeURIComponent(database.username),
      APICURIO_DATASOURCE_PASSWORD: decodeURIComponent(database.password),
      APICURIO_DATASOURCE_JDBC_INITIAL_SIZE: '1',
      APICURIO_DATASOURCE_JDBC_MIN_SIZE: '1',
      APICURIO_DATASOURCE_JDBC_MAX_SIZE: '8',
    },
    cwd: data,
    isReady: () => answersHttp(`${registryUrl(port)}/subjects`),
  });
};
