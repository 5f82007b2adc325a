const TIMEOUT_MS = 60_000;

/** An answer of the API that is not a success. */
export class ApiError extends Error {
  /**
   * @param {string} request
   * @param {number} status
   * @param {{ code?: string, message?: string, details?: { path: string, message: string }[] }} error
   */
  constructor(request, status, { code = '', message = '', details = [] }) {
    const reasons = details.map((detail) => `${detail.path}: ${detail.message}`);
    super([`${request} was answered with ${status} ${code}: ${message}`, ...reasons].join('\n  '));
    this.status = status;
    this.code = code;
  }
}

/**
 * Calls to the API with one key.
 * @param {{ url: string, key: string, workspace?: number }} options
 */
export function createApiClient({ url, key, workspace }) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {{ idempotencyKey?: string }} [options]
   * @returns {Promise<any>} the body of the answer, if it has one
   */
  async function call(method, path, body, { idempotencyKey } = {}) {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(workspace === undefined ? {} : { 'x-workspace': String(workspace) }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const answer = parse(text);
    if (!response.ok) throw new ApiError(`${method} ${path}`, response.status, answer?.error ?? { message: text });
    return answer;
  }

  return {
    /** @param {string} path */
    get: (path) => call('GET', path),
    /**
     * @param {string} path
     * @param {unknown} body
     * @param {{ idempotencyKey?: string }} [options] the key by which a request that is sent again gets the first answer
     */
    post: (path, body, options) => call('POST', path, body, options),
    /**
     * @param {string} path
     * @param {unknown} body
     */
    put: (path, body) => call('PUT', path, body),
    /**
     * Whether something is there: false when the API says that it is not, or not for this key.
     * @param {string} path
     */
    async has(path) {
      try {
        await call('GET', path);
        return true;
      } catch (error) {
        if (error instanceof ApiError && [401, 403, 404].includes(error.status)) return false;
        throw error;
      }
    },
  };
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
