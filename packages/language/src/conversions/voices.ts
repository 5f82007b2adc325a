import type { Voice } from './wording.js';

/** Quotes the source text of an expression; a closing quote within it is replaced by a look-alike. */
export function quoteExpression(expression: string): string {
  return `«${expression.replaceAll('»', '≫')}»`;
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
    suffix: (path) => ` while mapping to «${path}»`,
  };
}

/** Failures of a constant of an expression, found before any record is read: they show the constant. */
export function constantVoice(constant: string): Voice {
  return {
    step: 'OutputValidation',
    subject: () => constant,
    number: () => `number ${constant}`,
    quote: plain,
    suffix: nothing,
  };
}

/** Failures of a value that a source delivered: they show the property. */
export const validationVoice: Voice = {
  step: 'InputValidation',
  subject: (path) => (path === '' ? 'value' : `property '${path}'`),
  quote: plain,
  suffix: nothing,
};

/** Failures of a value in JSON data: they show the property. */
export const dataVoice: Voice = {
  step: 'InputValidation',
  subject: (path) => (path === '' ? 'value' : `property "${path}"`),
  quote: plain,
  suffix: nothing,
};
