import { jsonMember, jsonMembers } from '../values/json-text.js';

/**
 * Reads members of the JSON objects that stand at one place of the records. Where several paths go through the place, an object
 * is taken apart once for all of them: it is the last one that is kept, as the paths of a record are read one after the other.
 */
export class JsonObjectReader {
  #paths = 0;
  #json = '';
  #members: ReadonlyMap<string, string> = new Map();

  /** Makes it known that one more path goes through here. */
  addPath(): this {
    this.#paths++;
    return this;
  }

  /** The raw text of a member; undefined when the object has no such key. */
  read(json: string, key: string): string | undefined {
    if (this.#paths < 2) return jsonMember(json, key);
    if (json !== this.#json) {
      this.#members = jsonMembers(json);
      this.#json = json;
    }
    return this.#members.get(key);
  }
}
