const LONGEST_TEXT = 300;

/** What a statement does: `select`, `insert`, `with` … in lower case; `other` when it cannot be told. */
export function operationOf(text: string): string {
  const [, verb] = /^[\s(]*([a-zA-Z]+)/.exec(text) ?? [];
  const operation = verb?.toLowerCase() ?? '';
  return OPERATIONS.has(operation) ? operation : 'other';
}

/** Labels of a metric must be few, so statements that are rare share one. */
const OPERATIONS = new Set(['select', 'insert', 'update', 'delete', 'with', 'begin', 'commit', 'rollback']);

/** A short name of a statement: what it does, and to which table first, such as `SELECT plays`. */
export function statementName(text: string): string {
  const [, table] =
    /\b(?:FROM|INTO|UPDATE|JOIN)\s+(?:ONLY\s+)?"?(?:public"?\."?)?([a-z_]\w*)/i.exec(text) ?? [];
  return [operationOf(text).toUpperCase(), table].filter(Boolean).join(' ');
}

/** The text of a statement for a log: on one line, cut, and without literals. Parameters are no part of it. */
export function statementText(text: string): string {
  const plain = text
    .replaceAll(/'(?:[^']|'')*'/g, "'…'")
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain.length > LONGEST_TEXT ? `${plain.slice(0, LONGEST_TEXT)}…` : plain;
}
