import { type Item, type LiteralItem, textLiteral } from './expression.js';

/** Joins literals that stand beside each other; one that stands alone keeps its type. */
export function mergeLiterals(items: readonly Item[]): readonly Item[] {
  const merged: Item[] = [];
  for (let index = 0; index < items.length; ) {
    const literals = literalsFrom(items, index);
    const item = joinLiterals(literals) ?? items[index];
    if (item !== undefined) merged.push(item);
    index += Math.max(1, literals.length);
  }
  return merged;
}

function literalsFrom(items: readonly Item[], start: number): readonly LiteralItem[] {
  const literals: LiteralItem[] = [];
  for (let index = start; index < items.length; index++) {
    const item = items[index];
    if (item?.op !== 'literal') break;
    literals.push(item);
  }
  return literals;
}

function joinLiterals(literals: readonly LiteralItem[]): LiteralItem | undefined {
  const [first] = literals;
  const last = literals.at(-1);
  if (first === undefined || last === undefined || literals.length === 1) return first;
  const { text, offset } = first.span;
  const length = last.span.offset + last.span.length - offset;
  return textLiteral(literals.map((literal) => literal.text).join(''), { text, offset, length });
}
