import type { Purpose } from '../functions/function-definition.js';
import type { Property, Type } from '../types/type.js';

/** Whether a record that is made for a purpose must have the property. */
export function isRequired(property: Property, purpose: Purpose): boolean {
  switch (purpose) {
    case 'Import':
      return false;
    case 'Create':
      return property.createRequired === true;
    case 'Update':
      return property.updateRequired === true;
  }
}

/** Whether a property that a purpose requires is anywhere within values of the type. */
export function hasRequiredMember(type: Type, purpose: Purpose): boolean {
  switch (type.kind) {
    case 'array':
    case 'map':
      return hasRequiredMember(type.elementType, purpose);
    case 'object':
      return type.properties.some(
        (property) => isRequired(property, purpose) || hasRequiredMember(property.type, purpose),
      );
    default:
      return false;
  }
}
