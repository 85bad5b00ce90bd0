// The commands that book a position: its investor, its fund, the commitment, and the opening balance. All ids follow from the data,
// so that the same row again is the same command again, and a changed row is another command for the same commitment.
import type { Actor, AnyCommand, CommandByType, CommandHeader, CommandType } from '#domain/messages.ts';
import { idNamespaces, stableId } from '../../stable-ids.ts';
import type { Position } from './position.ts';

export interface ImportContext {
  /** Where the figures come from; part of the command ids. */
  readonly source: string;
  readonly tenantId: string;
  readonly actor: Actor;
  /** Ties all commands of one run. */
  readonly correlationId: string;
  /** Microseconds since the epoch. */
  readonly clock: () => number;
}

/** Ids of the aggregates of a position. */
export interface PositionIds {
  readonly investorId: string;
  readonly fundId: string;
  readonly commitmentId: string;
}

/** Ids by names: the same investor or fund in another file is the same one here. */
export const positionIds = ({
  investor_name,
  fund_name,
  key,
}: Pick<Position, 'investor_name' | 'fund_name' | 'key'>): PositionIds => ({
  investorId: stableId(idNamespaces.investor, investor_name),
  fundId: stableId(idNamespaces.fund, fund_name),
  commitmentId: stableId(idNamespaces.commitment, investor_name, fund_name, ...key),
});

type Body<Type extends CommandType> = Omit<CommandByType[Type], 'header'>;

/**
 * The fields of a row that a command books: its content, from which its id follows. Fields that a later version adds must be left out of
 * the id when they are null, as all null fields are: otherwise an import of an old file would be booked a second time.
 */
const contents = {
  CreateInvestor: ['investor_name', 'investor_type', 'investor_category', 'investor_geography', 'investor_effective_date'],
  CreateFund: [
    'fund_name',
    'fund_type',
    'fund_manager',
    'investment_strategy',
    'sub_strategy',
    'fund_geography',
    'vintage_year',
    'base_currency',
    'inception_date',
  ],
  MakeCommitment: ['investor_name', 'fund_name', 'commitment_amount', 'base_currency', 'commitment_date'],
  RecordOpeningBalance: [
    'investor_name',
    'fund_name',
    'called_amount',
    'distributed_amount',
    'remaining_value',
    'reported_irr',
    'reported_multiple',
    'vintage_year',
    'as_of_date',
  ],
} as const satisfies Readonly<Partial<Record<CommandType, readonly (keyof Position)[]>>>;

type ImportedType = keyof typeof contents;

const contentOf = (type: ImportedType, position: Position): readonly string[] => {
  const parts: string[] = [type];
  for (const field of contents[type]) if (position[field] !== null) parts.push(`${field}=${String(position[field])}`);
  if (type === 'MakeCommitment' || type === 'RecordOpeningBalance') for (const part of position.key) parts.push(`key=${part}`);
  return parts;
};

/**
 * A command that is given again under the next attempt when its id is known as rejected: a rejection has no effect, and what
 * it missed may be there now. Attempt 0 is the first.
 */
export type ImportCommand = (attempt: number) => AnyCommand;

const command = <Type extends ImportedType>(
  type: Type,
  position: Position,
  body: Body<Type>,
  effective_date: string,
  context: ImportContext,
): ImportCommand => {
  const content = contentOf(type, position);
  return (attempt) => {
    const header: CommandHeader = {
      command_id: stableId(idNamespaces.command, context.source, ...content, ...(attempt === 0 ? [] : [`attempt=${attempt}`])),
      tenant_id: context.tenantId,
      issued_at: context.clock(),
      effective_date,
      actor: context.actor,
      origin: { channel: 'FILE', ip: null, user_agent: null, session_id: null },
      reason: null,
      correlation_id: context.correlationId,
      expected_version: null,
      preview: false,
    };
    return { type, value: { ...body, header } } as unknown as AnyCommand;
  };
};

/** Sets up the investor, its check approved by the import. */
export const investorCommand = (position: Position, ids: PositionIds, context: ImportContext): ImportCommand =>
  command(
    'CreateInvestor',
    position,
    {
      investor: {
        investor_id: ids.investorId,
        investor_name: position.investor_name,
        investor_type: position.investor_type,
        investor_category: position.investor_category,
        industry: null,
        aum_range: null,
        geography: position.investor_geography,
        jurisdiction: null,
        tax_id: null,
        contact_person: null,
        email: null,
        phone: null,
        address: null,
        kyc_status: 'APPROVED',
        kyc_date: null,
        kyc_source: 'import',
      },
    },
    position.investor_effective_date,
    context,
  );

const assumedAmong = (
  position: Position,
  names: readonly (readonly [field: Position['assumed'][number], name: string])[],
): readonly string[] => names.flatMap(([field, name]) => (position.assumed.includes(field) ? [name] : []));

/** Sets up the fund; its size is unknown, so that its capacity is not checked. */
export const fundCommand = (position: Position, ids: PositionIds, context: ImportContext): ImportCommand =>
  command(
    'CreateFund',
    position,
    {
      fund: {
        fund_id: ids.fundId,
        fund_name: position.fund_name,
        fund_type: position.fund_type,
        fund_size: null,
        target_size: null,
        base_currency: position.base_currency,
        vintage_year: position.vintage_year,
        inception_date: position.inception_date,
        target_close_date: null,
        final_close_date: null,
        management_fee_rate: null,
        carried_interest_rate: null,
        hurdle_rate: null,
        catch_up_provision: null,
        fund_manager: position.fund_manager,
        investment_strategy: position.investment_strategy,
        sub_strategy: position.sub_strategy,
        geography: position.fund_geography,
        fund_status: 'ACTIVE',
        terms: [],
        assumed_fields: assumedAmong(position, [
          ['base_currency', 'base_currency'],
          ['inception_date', 'inception_date'],
        ]),
      },
    },
    position.inception_date ?? position.commitment_date,
    context,
  );

/** Makes the commitment. */
export const commitmentCommand = (position: Position, ids: PositionIds, context: ImportContext): ImportCommand =>
  command(
    'MakeCommitment',
    position,
    {
      commitment_id: ids.commitmentId,
      fund_id: ids.fundId,
      investor_id: ids.investorId,
      commitment_amount: position.commitment_amount,
      currency: position.base_currency,
      commitment_date: position.commitment_date,
      commitment_type: 'INITIAL',
      side_letter_terms: null,
      assumed_fields: assumedAmong(position, [
        ['base_currency', 'currency'],
        ['commitment_date', 'commitment_date'],
      ]),
    },
    position.commitment_date,
    context,
  );

/** Takes over the figures to date, as of the row's own date; null when the row has none. */
export const openingBalanceCommand = (position: Position, ids: PositionIds, context: ImportContext): ImportCommand | null =>
  position.as_of_date === null
    ? null
    : command(
        'RecordOpeningBalance',
        position,
        {
          commitment_id: ids.commitmentId,
          fund_id: ids.fundId,
          called_amount: position.called_amount,
          distributed_amount: position.distributed_amount,
          remaining_value: position.remaining_value,
          reported_irr: position.reported_irr,
          reported_multiple: position.reported_multiple,
          reported_vintage_year: position.vintage_year,
          source: context.source,
        },
        position.as_of_date,
        context,
      );
