// A test run leaves the developer's own stack alone.
import { expect, test } from 'vitest';
import { ownEnvironment } from './environment.ts';

test('ports and servers of a running stack are not taken over, everything else is', () => {
  const env = {
    PATH: '/bin',
    JAVA_HOME: '/jdk',
    STRATCAP_CACHE: '/cache',
    STRATCAP_KAFKA_PORT: '9092',
    DATABASE_URL: 'postgres://h/d',
  };
  expect(ownEnvironment(env)).toEqual({ PATH: '/bin', JAVA_HOME: '/jdk', STRATCAP_CACHE: '/cache' });
});
