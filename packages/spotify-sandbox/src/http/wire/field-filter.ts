import { badRequest } from '../api-error.ts';

/** What a `fields` parameter asks for: names, each with its own fields or with everything. */
interface Fields {
  names: Map<string, Fields | null>;
  /** `!name`: everything but these. */
  except: Set<string>;
}

/**
 * Applies Spotify's `fields` parameter: `name,owner(id),items(added_at,item.name)`, `!name` for exclusion.
 * @throws ApiError 400 "Invalid fields" when the parentheses do not match.
 */
export function pickFields(value: unknown, expression: string | undefined): unknown {
  if (expression === undefined || expression.trim() === '') return value;
  const reader = { text: expression.replace(/\s+/g, ''), at: 0 };
  const fields = readFields(reader);
  if (reader.at < reader.text.length) throw badRequest('Invalid fields');
  return apply(value, fields);
}

function readFields(reader: { text: string; at: number }): Fields {
  const fields: Fields = { names: new Map(), except: new Set() };
  while (reader.at < reader.text.length && reader.text[reader.at] !== ')') {
    const match = /^(!?)([A-Za-z_]+)/.exec(reader.text.slice(reader.at));
    if (!match?.[2]) throw badRequest('Invalid fields');
    reader.at += match[0].length;
    const next = reader.text[reader.at];
    let inner: Fields | null = null;
    if (next === '(') {
      reader.at += 1;
      inner = readFields(reader);
      if (reader.text[reader.at] !== ')') throw badRequest('Invalid fields');
      reader.at += 1;
    } else if (next === '.') {
      reader.at += 1;
      inner = readPath(reader);
    }
    if (match[1] === '!') fields.except.add(match[2]);
    else fields.names.set(match[2], merge(fields.names.get(match[2]), inner));
    if (reader.text[reader.at] === ',') reader.at += 1;
  }
  return fields;
}

/** `a.b(c)` after the first name. */
function readPath(reader: { text: string; at: number }): Fields {
  const match = /^[A-Za-z_]+/.exec(reader.text.slice(reader.at));
  if (!match) throw badRequest('Invalid fields');
  reader.at += match[0].length;
  let inner: Fields | null = null;
  if (reader.text[reader.at] === '.') {
    reader.at += 1;
    inner = readPath(reader);
  } else if (reader.text[reader.at] === '(') {
    reader.at += 1;
    inner = readFields(reader);
    if (reader.text[reader.at] !== ')') throw badRequest('Invalid fields');
    reader.at += 1;
  }
  return { names: new Map([[match[0], inner]]), except: new Set() };
}

function merge(one: Fields | null | undefined, other: Fields | null): Fields | null {
  if (!one || !other) return other;
  return {
    names: new Map([...one.names, ...other.names]),
    except: new Set([...one.except, ...other.except]),
  };
}

function apply(value: unknown, fields: Fields): unknown {
  if (Array.isArray(value)) return value.map((entry) => apply(entry, fields));
  if (typeof value !== 'object' || value === null) return value;
  const all = Object.entries(value);
  const shown =
    fields.names.size > 0
      ? all.filter(([name]) => fields.names.has(name))
      : all.filter(([name]) => !fields.except.has(name));
  return Object.fromEntries(
    shown.map(([name, entry]) => {
      const inner = fields.names.get(name);
      return [name, inner ? apply(entry, inner) : entry];
    }),
  );
}
