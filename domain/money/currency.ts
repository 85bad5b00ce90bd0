// The currencies of ISO 4217 with their minor units (list one, as maintained by SIX for ISO, amendments up to 2026). Money is
// held in hundredths in every currency, so a currency with more than two decimals cannot be booked and is refused by name.

/** Codes by number of decimals. Withdrawn codes that a fund's history can still carry (ANG, BGN, HRK, LTL) stay in the list. */
const CODES_BY_MINOR_UNITS: ReadonlyMap<number, string> = new Map([
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP ' +
      'COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR ' +
      'JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL LTL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN ' +
      'NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB ' +
      'TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG',
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
]);

const MINOR_UNITS: ReadonlyMap<string, number> = new Map(
  [...CODES_BY_MINOR_UNITS].flatMap(([units, codes]) => codes.split(' ').map((code): [string, number] => [code, units])),
);

/** Why a currency cannot be booked. */
export type CurrencyError = 'unknown-currency' | 'three-decimal-currency' | 'four-decimal-currency';

/** Whether the text is a currency code of ISO 4217 (capital letters), bookable or not. */
export const isCurrency = (code: string): boolean => MINOR_UNITS.has(code);

/** The decimals that ISO 4217 gives a currency (EUR 2, JPY 0, KWD 3), or null when the code is not listed. */
export const minorUnits = (code: string): number | null => MINOR_UNITS.get(code) ?? null;

/**
 * Null when amounts of the currency can be held in hundredths, else the named reason why not: KWD is 'three-decimal-currency'.
 */
export const currencyError = (code: string): CurrencyError | null => {
  const units = MINOR_UNITS.get(code);
  if (units === undefined) return 'unknown-currency';
  if (units === 3) return 'three-decimal-currency';
  return units > 3 ? 'four-decimal-currency' : null;
};
