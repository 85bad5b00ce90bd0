// Funds, investors and sealed fields as a test begins with them: little is known, and the same name gives the same id.
import { v5 as uuid5 } from 'uuid';
import type { FundCard, InvestorCard, Sealed } from '#domain/messages.ts';

const namespace = '9f0f7a64-5c0e-4b7a-9a3e-0c1f4b8d2e60';

/** The id of a name: the same name gives the same id. */
export const idOf = (name: string): string => uuid5(name, namespace);

/** A sealed field whose bytes are of no key; only its mask can be shown. */
export const sealed = (masked: string): Sealed => ({
  key_id: idOf('key'),
  key_version: 1,
  nonce: Buffer.alloc(12),
  ciphertext: Buffer.alloc(20),
  masked,
});

/** A fund of which little is known. */
export const fundCard = (name: string, over: Partial<FundCard> = {}): FundCard => ({
  fund_id: idOf(`fund ${name}`),
  fund_name: name,
  fund_type: 'PE',
  fund_size: null,
  target_size: null,
  base_currency: 'USD',
  vintage_year: 2019,
  inception_date: null,
  target_close_date: null,
  final_close_date: null,
  management_fee_rate: null,
  carried_interest_rate: null,
  hurdle_rate: null,
  catch_up_provision: null,
  fund_manager: null,
  investment_strategy: 'Buyout',
  sub_strategy: null,
  geography: null,
  fund_status: 'ACTIVE',
  terms: [],
  assumed_fields: [],
  ...over,
});

/** An investor whose check is done. */
export const investorCard = (name: string, over: Partial<InvestorCard> = {}): InvestorCard => ({
  investor_id: idOf(`investor ${name}`),
  investor_name: name,
  investor_type: 'PENSION_PLAN',
  investor_category: null,
  industry: null,
  aum_range: null,
  geography: null,
  jurisdiction: null,
  tax_id: null,
  contact_person: null,
  email: null,
  phone: null,
  address: null,
  kyc_status: 'APPROVED',
  kyc_date: '2026-01-05',
  kyc_source: 'import',
  ...over,
});
