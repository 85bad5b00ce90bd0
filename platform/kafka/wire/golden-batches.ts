// Record batches as the reference implementation writes them: MemoryRecordsBuilder of Apache Kafka 4.3.1, base offset 100, three
// records (the second a tombstone whose key is int32 0, the third without a key and older than the first), base64.

const golden = (base64: string): Buffer => Buffer.from(base64, 'base64');

/** The same three records, once per compression. */
export const GOLDEN_BATCHES = {
  none: golden(
    'AAAAAAAAAGQAAAGn/////wK2OqGHAAAAAAACAAABi8/laAAAAAGLz+VoBf//////////////////AAAAA2gAAAAMZnVuZC0xFGNvbW1pdG1lbnQEDmNl' +
      'X3R5cGUcQ29tbWl0bWVudE1hZGUKZW1wdHkAFAAKAggAAAAAAQDoBADPDwQB2AR4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4' +
      'eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4' +
      'eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4' +
      'eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHgA',
  ),
  gzip: golden(
    'AAAAAAAAAGQAAACL/////wLpkTATAAEAAAACAAABi8/laAAAAAGLz+VoBf//////////////////AAAAAx+LCAAAAAAAAP/LYGBg4EkrzUvRNRRJzs/N' +
      'zSzJTc0rYeFLTo0vqSxIlXGGi/kmpqRypeYWlFQyiDBwMXEANTIwMrxgYTjPz8J4g6ViFBANGAAlrjyCdgEAAA==',
  ),
  snappy: golden(
    'AAAAAAAAAGQAAACd/////wLQZRprAAIAAAACAAABi8/laAAAAAGLz+VoBf//////////////////AAAAA4JTTkFQUFkAAAAAAQAAAAEAAABY9gKAaAAA' +
      'AAxmdW5kLTEUY29tbWl0bWVudAQOY2VfdHlwZRxDFRR8TWFkZQplbXB0eQAUAAoCCAAAAAABAOgEAM8PBAHYBHj+AQD+AQD+AQD+AQCqAQAAAA==',
  ),
  lz4: golden(
    'AAAAAAAAAGQAAACR/////wK5z/ClAAMAAAACAAABi8/laAAAAAGLz+VoBf//////////////////AAAAAwQiTRhgQIJRAAAA9RJoAAAADGZ1bmQtMRRj' +
      'b21taXRtZW50BA5jZV90eXBlHEMUAP8RTWFkZQplbXB0eQAUAAoCCAAAAAABAOgEAM8PBAHYBHgBAP8VUHh4eHgAAAAAAA==',
  ),
  zstd: golden(
    'AAAAAAAAAGQAAACK/////wLH10AOAAQAAAACAAABi8/laAAAAAGLz+VoBf//////////////////AAAAAyi1L/0AWGwCACQEaAAAAAxmdW5kLTEUY29t' +
      'bWl0bWVudAQOY2VfdHlwZRxDTWFkZQplbXB0eQAUAAoCCAAAAAABAOgEAM8PBAHYBHgAAgBAwamX0+YTAQAA',
  ),
} as const;

/** The same records in a transaction of producer 4711, epoch 3, first sequence 7. */
export const GOLDEN_TRANSACTIONAL = golden(
  'AAAAAAAAAGQAAAGnAAAABQKlMvhSABAAAAACAAABi8/laAAAAAGLz+VoBQAAAAAAABJnAAMAAAAHAAAAA2gAAAAMZnVuZC0xFGNvbW1pdG1lbnQEDmNl' +
    'X3R5cGUcQ29tbWl0bWVudE1hZGUKZW1wdHkAFAAKAggAAAAAAQDoBADPDwQB2AR4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4' +
    'eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4' +
    'eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4' +
    'eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHgA',
);

/** Markers of producer 4711 at offset 103. */
export const GOLDEN_ABORT_MARKER = golden(
  'AAAAAAAAAGcAAABCAAAABQJs63+FADAAAAAAAAABi8/laAoAAAGLz+VoCgAAAAAAABJnAAP/////AAAAASAAAAAIAAAAAAwAAAAAAAkA',
);
export const GOLDEN_COMMIT_MARKER = golden(
  'AAAAAAAAAGcAAABCAAAABQKY1anNADAAAAAAAAABi8/laAoAAAGLz+VoCgAAAAAAABJnAAP/////AAAAASAAAAAIAAAAAQwAAAAAAAkA',
);

/** What compaction leaves of a transactional batch from 200 to 209: a header without records. */
export const GOLDEN_EMPTIED = golden('AAAAAAAAAMgAAAAxAAAABQJWy4+0ABAAAAAJ//////////8AAAGLz+VoAAAAAAAAABJnAAMAAAAHAAAAAA==');
