import { describe, expect, it } from 'vitest';
import { brakes } from '../src/index.js';

const removal = { removed: 0, existing: 1_000, received: 1_000, maxShare: 0.3 };

describe('the delete brake', () => {
  it('holds a publish that would remove more than the share and more than 100', () => {
    expect(brakes({ ...removal, removed: 301 })).toBe(true);
    expect(brakes({ ...removal, removed: 300 })).toBe(false);
  });

  it('lets 100 or fewer go, whatever their share', () => {
    expect(brakes({ ...removal, existing: 150, removed: 100 })).toBe(false);
    expect(brakes({ ...removal, existing: 150, removed: 101 })).toBe(true);
  });

  it('holds the removal of all, however few, when the source returned nothing', () => {
    expect(brakes({ removed: 3, existing: 3, received: 0, maxShare: 0.3 })).toBe(true);
    expect(brakes({ removed: 3, existing: 3, received: 3, maxShare: 0.3 })).toBe(false);
  });

  it('is off with a share of 1 and has nothing to hold when nothing would be removed', () => {
    expect(brakes({ removed: 3, existing: 3, received: 0, maxShare: 1 })).toBe(false);
    expect(brakes({ removed: 0, existing: 0, received: 0, maxShare: 0 })).toBe(false);
  });
});
