import { expect, test } from 'vitest';
import { guardVerdict, hostNameOf } from './guard.ts';

const config = { hosts: ['funds.example'] };
const verdict = (host: string | undefined, origin?: string, fetchSite?: string) =>
  guardVerdict({ host, origin, fetchSite }, config)?.kind ?? null;

test('our own names are served, with and without a port', () => {
  for (const host of ['127.0.0.1:8080', 'localhost', 'LOCALHOST:1', '[::1]:8080', 'funds.example'])
    expect(verdict(host), host).toBeNull();
});

test('a rebound or missing host name is refused', () => {
  for (const host of [
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    undefined,
    '',
    'localhost:8080@evil.example',
    '10.0.0.5',
  ])
    expect(verdict(host), String(host)).toBe('unknown-host');
});

test('only the page of this very address may send an origin', () => {
  expect(verdict('127.0.0.1:8080', 'http://127.0.0.1:8080')).toBeNull();
  for (const origin of ['http://127.0.0.1:9999', 'http://evil.example', 'null', 'http://localhost:8080'])
    expect(verdict('127.0.0.1:8080', origin), origin).toBe('foreign-origin');
  expect(verdict('127.0.0.1:8080', 'https://127.0.0.1:8080', 'cross-site')).toBe('foreign-origin');
});

test('a host name is read without its port, and nothing else is a host name', () => {
  expect(hostNameOf('[2001:db8::1]:443')).toBe('[2001:db8::1]');
  expect(hostNameOf('a b')).toBeNull();
});
