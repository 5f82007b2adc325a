export { createFunctionSandboxes, type FunctionSandboxesOptions } from './create-function-sandboxes.js';
export * from './function-sandboxes.js';
