import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import type { Voice } from './wording.js';

/** Quotes the source text of an expression, cut where it is long; a closing quote within it is replaced by a look-alike. */
export function quoteExpression(expression: string): string {
  return `«${shownText(expression, MAX_SHOWN.expression).replaceAll('»', '≫')}»`;
}

/** Ends the messages of failures of expressions. */
export function mappingSuffix(outPath: string): string {
  return ` while mapping to «${shownText(outPath, MAX_SHOWN.path)}»`;
}

const quoted = (text: string): string => `«${text}»`;
const plain = (text: string): string => text;
const nothing = (): string => '';

/** Failures of converting the value of an expression: they show the expression, never the value. */
export function conversionVoice(expression: string): Voice {
  const subject = quoteExpression(expression);
  return {
    step: 'OutputValidation',
    subject: () => subject,
    number: () => `number ${subject}`,
    quote: quoted,
    suffix: mappingSuffix,
  };
}

/** Failures of a constant of an expression, found before any record is read: they show the constant. */
export function constantVoice(constant: string): Voice {
  const subject = shownText(constant, MAX_SHOWN.expression);
  return {
    step: 'OutputValidation',
    subject: () => subject,
    number: () => `number ${subject}`,
    quote: plain,
    suffix: nothing,
  };
}

/** Failures of a value that a source delivered: they show the property. */
export const validationVoice: Voice = {
  step: 'InputValidation',
  subject: (path) => (path === '' ? 'value' : `property '${shownText(path, MAX_SHOWN.path)}'`),
  quote: plain,
  suffix: nothing,
};

/** Failures of a value in JSON data: they show the property. */
export const dataVoice: Voice = {
  step: 'InputValidation',
  subject: (path) => (path === '' ? 'value' : `property "${shownText(path, MAX_SHOWN.path)}"`),
  quote: plain,
  suffix: nothing,
};
