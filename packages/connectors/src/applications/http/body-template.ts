import { ValueFailure } from '@penstock/language';

/** What a template is filled with: JSON texts by property; those that are absent are not written. */
export type TemplateValues = ReadonlyMap<string, string>;

const PLACEHOLDER = /\{\{([A-Za-z_][A-Za-z0-9_]*|\*)\}\}/g;
const WHOLE = /^\{\{([A-Za-z_][A-Za-z0-9_]*|\*)\}\}$/;
const MAX_DEPTH = 50;
const ALL = '*';

/** Whether a value of JSON can be a template: all its braces in pairs are placeholders. */
export function isBodyTemplate(template: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false;
  if (typeof template === 'string') {
    const isPart = [...template.matchAll(PLACEHOLDER)].some(([, name]) => name === ALL) && !WHOLE.test(template);
    return !isPart && !template.replaceAll(PLACEHOLDER, '').includes('{{');
  }
  if (typeof template !== 'object' || template === null) return true;
  return Object.values(template).every((member) => isBodyTemplate(member, depth + 1));
}

/** Properties that a template names. */
export function placeholdersOf(template: unknown): string[] {
  if (typeof template === 'string')
    return [...template.matchAll(PLACEHOLDER)].flatMap(([, name = '']) => (name === ALL ? [] : [name]));
  if (typeof template !== 'object' || template === null) return [];
  return Object.values(template).flatMap(placeholdersOf);
}

/** The JSON text of a body. Members whose whole value is a property that is absent are left out; undefined: all of it is. */
export function fillTemplate(template: unknown, values: TemplateValues): string | undefined {
  if (typeof template === 'string') return fillText(template, values);
  if (Array.isArray(template)) {
    return `[${template.flatMap((item: unknown) => fillTemplate(item, values) ?? []).join(',')}]`;
  }
  if (typeof template !== 'object' || template === null) return JSON.stringify(template);
  const members = Object.entries(template).flatMap(([key, member]: [string, unknown]) => {
    const json = fillTemplate(member, values);
    return json === undefined ? [] : [`${JSON.stringify(key)}:${json}`];
  });
  return `{${members.join(',')}}`;
}

/** An object with all values. */
export function allValues(values: TemplateValues): string {
  return `{${[...values].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}

function fillText(template: string, values: TemplateValues): string | undefined {
  const whole = WHOLE.exec(template)?.[1];
  if (whole === ALL) return allValues(values);
  if (whole !== undefined) return values.get(whole);
  return JSON.stringify(template.replaceAll(PLACEHOLDER, (_, name: string) => textOf(values.get(name))));
}

/** What a value is within a text: nothing where there is none. */
function textOf(json: string | undefined): string {
  if (json === undefined || json === 'null') return '';
  return json.startsWith('"') ? String(JSON.parse(json)) : json;
}

/** Encodes the values of a record, or says which one cannot be. */
export function templateValues(
  attributes: Iterable<readonly [string, string | ValueFailure]>,
): TemplateValues | ValueFailure {
  const values = new Map<string, string>();
  for (const [name, json] of attributes) {
    if (json instanceof ValueFailure) return json;
    values.set(name, json);
  }
  return values;
}
