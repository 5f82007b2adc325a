import { randomBytes } from 'node:crypto';
import { generateApiKey } from '@penstock/domain';
import {
  ApiFactories,
  type CapturedLog,
  captureLog,
  createTestDatabase,
  createTestRedis,
  type TestDatabase,
  type TestRedis,
} from '@penstock/shared/testing';
import { createApp } from '../../src/app.js';
import { type ApiConfig, readConfig } from '../../src/config.js';
import { type OpenDependencies, openDependencies } from '../../src/dependencies.js';
import { type HttpServer, listen } from '../../src/http/server.js';
import { type Answer, type Call, checkAnswer, send } from './client.js';

export interface TestApiOptions {
  /** Environment variables that differ from the usual ones. */
  readonly env?: NodeJS.ProcessEnv;
  /** Shares database and Redis with another api: a second process of the same installation. */
  readonly beside?: TestApi;
}

/** An api that listens on a port of its own, with a database and a Redis prefix of its own. */
export class TestApi {
  readonly deps: OpenDependencies;
  readonly control: TestDatabase;
  readonly redis: TestRedis;
  readonly log: CapturedLog;
  readonly make: ApiFactories;
  readonly env: NodeJS.ProcessEnv;
  readonly server: HttpServer;
  readonly #owner: boolean;

  private constructor(parts: Pick<TestApi, 'deps' | 'control' | 'redis' | 'log' | 'env' | 'server'>, owner: boolean) {
    this.deps = parts.deps;
    this.control = parts.control;
    this.redis = parts.redis;
    this.log = parts.log;
    this.env = parts.env;
    this.server = parts.server;
    this.make = new ApiFactories(parts.control, parts.deps.secrets);
    this.#owner = owner;
  }

  static async start({ env = {}, beside }: TestApiOptions = {}): Promise<TestApi> {
    const control = beside?.control ?? (await createTestDatabase());
    const redis = beside?.redis ?? createTestRedis();
    const log = captureLog();
    const all = { ...(beside?.env ?? usualEnvironment(control, redis)), ...env };
    const config: ApiConfig = readConfig(all);
    const deps = await openDependencies(config, log.logger);
    const server = await listen(createApp(deps), { host: config.HOST, port: 0 });
    return new TestApi({ deps, control, redis, log, env: all, server }, beside === undefined);
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  /** Sends a request and checks that the answer is one that the documentation knows. */
  async call(method: string, path: string, call: Call = {}): Promise<Answer> {
    const answer = await send(`${this.url}${path}`, method, call);
    checkAnswer(method, path, answer);
    return answer;
  }

  /** A workspace with a key that is bound to it. */
  async tenant(): Promise<{ readonly workspace: number; readonly key: string }> {
    const workspace = await this.make.workspace();
    return { workspace, key: await this.make.key(workspace) };
  }

  async close(): Promise<void> {
    await this.server.stop(1_000);
    await this.deps.close();
    if (!this.#owner) return;
    await this.redis.close();
    await this.control.drop();
  }
}

function usualEnvironment(control: TestDatabase, redis: TestRedis): NodeJS.ProcessEnv {
  return {
    DATABASE_URL: control.url,
    REDIS_URL: redis.url,
    PENSTOCK_REDIS_PREFIX: redis.prefix,
    PENSTOCK_MASTER_KEY: randomBytes(32).toString('base64'),
    PENSTOCK_ADMIN_KEY: generateApiKey(),
    RATE_LIMIT_PER_MINUTE: '1000000',
    NODE_ENV: 'test',
  };
}
