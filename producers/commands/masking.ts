// What may be shown of a sealed field: enough for a person to recognise it, not enough to use it.

const lastFour = (text: string): string => {
  const signs = text.replaceAll(/[^\p{L}\p{N}]/gu, '');
  // Of a short number the last digits would be most of it.
  return signs.length < 8 ? '***' : `***${signs.slice(-4)}`;
};
const ofEmail = (text: string): string => {
  const at = text.lastIndexOf('@');
  const suffix = text.slice(text.lastIndexOf('.'));
  return at < 1 || !suffix.startsWith('.') ? '***' : `${text.slice(0, 1)}***@***${suffix}`;
};
const ofName = (text: string): string => {
  const initials = text
    .trim()
    .split(/\s+/)
    .map((word) => word.slice(0, 1).toUpperCase());
  return `${initials.join('. ')}.`;
};

/** The masked form of a sealed field by its name: a tax id 12-3456789 is ***6789, an address is ***. */
export const maskedForm = (field: string, text: string): string => {
  if (field === 'email') return ofEmail(text);
  if (field === 'contact_person') return ofName(text);
  // Banks and addresses are few or telling: no part of them is shown.
  if (field === 'address' || field === 'bank_name') return '***';
  return lastFour(text);
};
