// What the gate lets pass and what it refuses, as lists: the place to look when a tool needs one more format or system table.
import { ServerError } from './errors.ts';

export const READ_VERBS = new Set(['SELECT', 'WITH', '(', 'FROM', 'EXPLAIN', 'SHOW', 'DESCRIBE', 'DESC', 'EXISTS']);
export const WRITE_VERBS = new Set([
  'INSERT',
  'CREATE',
  'DROP',
  'ALTER',
  'TRUNCATE',
  'OPTIMIZE',
  'RENAME',
  'EXCHANGE',
  'DELETE',
  'UPDATE',
]);

/** Functions, table functions and engines' argument forms that reach outside the database or evaluate text as SQL; compared in lower case. */
const FORBIDDEN_CALLS = new Set(
  `file filecluster filesystem executable eval disk arrowstream input url urlcluster s3 s3cluster gcs oss cosn hdfs hdfscluster
  azureblobstorage azureblobstoragecluster remote remotesecure cluster clusterallreplicas mysql postgresql mongodb redis sqlite odbc
  jdbc ytsaurus dictionary merge fuzzquery viewexplain catboostevaluate aiclassify aiextract aigenerate aitranslate aiembed
  prometheusquery prometheusqueryrange`.split(/\s+/),
);
const FORBIDDEN_CALL_FAMILIES = /^(?:deltalake|iceberg|paimon|hudi)/;

export const ENGINES =
  /^(?:(?:Replacing|Summing|Aggregating|Collapsing|VersionedCollapsing|Coalescing)?MergeTree|Memory|Null|View|MaterializedView|Log|TinyLog|StripeLog|Set|Join|Atomic)$/;

/** Settings that pick another user profile, another SQL dialect, files, addresses or disks. */
const FORBIDDEN_SETTINGS =
  /^(?:profile|role|readonly|allow_ddl|dialect|disk|storage_policy|format_schema.*|format_template.*|format_avro_schema_registry_url|filesystem_.*|.*_path|log_comment|ai_.*|input_format_values_.*|promql_.*|async_insert.*|wait_for_async_insert.*)$/;

/** Formats that neither read files nor call other services. */
const FORMATS =
  /^(?:(?:JSON|JSONStrings|JSONCompact|JSONCompactStrings|JSONColumns|JSONCompactColumns|JSONColumnsWithMetadata|JSONObjectEachRow|JSONAsString|JSONAsObject|BSONEachRow|JSONLines|NDJSON|(?:Pretty)?(?:NDJSON|JSONLines)|PrettyJSONEachRow|JSON(?:Compact)?(?:Strings)?EachRow(?:WithProgress|WithNames|WithNamesAndTypes)?)|(?:CSV|TSV|TabSeparated|TSVRaw|TabSeparatedRaw)(?:WithNames|WithNamesAndTypes)?|RawTSV|TSKV|Values|RowBinary(?:WithNames|WithNamesAndTypes|WithDefaults)?|Native|Parquet|Arrow|ArrowStream|MsgPack|XML|Vertical|Null|Markdown|SQLInsert|LineAsString|RawBLOB|One|Hash|Pretty\w*)$/;

/** The system tables that an analyst's tools need; system.processes would show the statements of others. */
export const ANALYST_SYSTEM_TABLES = new Set(
  `tables columns databases functions settings view_refreshes one numbers numbers_mt zeros zeros_mt data_type_families table_engines
  table_functions formats keywords time_zones build_options parts parts_columns merge_tree_settings collations licenses contributors
  data_skipping_indices projections dictionaries completions documentation version`.split(/\s+/),
);

/** @throws ServerError 73 for a format outside the list */
export function checkFormat(name: string): void {
  if (!FORMATS.test(name)) throw new ServerError(73, 'UNKNOWN_FORMAT', `Unknown format ${name}: this server does not offer it`);
}

/** @throws ServerError 115 or 452 for a name that is no setting or may not be given by a caller */
export function checkSettingName(name: string): void {
  if (!/^\w{1,120}$/.test(name)) throw new ServerError(115, 'UNKNOWN_SETTING', `Unknown setting '${name.slice(0, 120)}'`);
  if (FORBIDDEN_SETTINGS.test(name.toLowerCase()))
    throw new ServerError(452, 'SETTING_CONSTRAINT_VIOLATION', `Setting ${name} may not be given by a caller of this server`, {
      status: 403,
    });
}

/** Whether a function of this name may not be called. */
export function isForbiddenCall(name: string): boolean {
  const lower = name.toLowerCase();
  return FORBIDDEN_CALLS.has(lower) || FORBIDDEN_CALL_FAMILIES.test(lower);
}
