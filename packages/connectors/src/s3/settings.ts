import { isIP } from 'node:net';
import { z } from 'zod';
import { certificates, SECRET, settingText } from '../settings.js';

/** What can stand in a header; blanks and line ends come along when a key is copied. */
const VISIBLE = /^[\x21-\x7e]*$/;
const NOT_VISIBLE = 'must be visible ASCII characters without blanks';

const RESERVED_BUCKETS = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|\.mrap|--table-s3)$/;

const bucket = z
  .string()
  .min(3)
  .max(63)
  .regex(/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/, 'must be lower-case letters, digits, dots and hyphens')
  .refine((name) => !name.includes('..') && isIP(name) === 0 && !RESERVED_BUCKETS.test(name), 'is not a bucket name')
  .meta({ description: 'Bucket that the files are in.' });

const endpoint = z
  .string()
  .max(300)
  .refine(isEndpoint, 'must be https://host or http://host, with a port if needed, and nothing after it')
  .optional()
  .meta({
    description: 'Address of an S3-compatible service, such as https://minio.example.com:9000; without it, Amazon S3.',
  });

const prefix = z
  .string()
  .max(1_000)
  .refine((text) => text === '' || text.endsWith('/'), 'must end with /')
  .refine((text) => !text.startsWith('/') && !text.includes('\0'), 'must not begin with / or contain a NUL character')
  .default('')
  .meta({ description: 'What all keys begin with, such as exports/; paths are what follows it.' });

export const s3Settings = z
  .strictObject({
    accessKeyID: settingText(128).regex(VISIBLE, NOT_VISIBLE).meta({ description: 'ID of the access key.' }),
    secretAccessKey: settingText(200)
      .regex(VISIBLE, NOT_VISIBLE)
      .meta({ description: 'Secret of the access key.', ...SECRET }),
    sessionToken: settingText(4_096)
      .regex(VISIBLE, NOT_VISIBLE)
      .optional()
      .meta({ description: 'Token of temporary credentials.', ...SECRET }),
    region: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[a-z0-9-]+$/, 'must be lower-case letters, digits and hyphens')
      .default('us-east-1')
      .meta({ description: 'Region of the bucket.' }),
    bucket,
    endpoint,
    pathStyle: z.boolean().default(false).meta({
      description:
        'Puts the bucket into the path of addresses instead of the host name, as many compatible services need.',
    }),
    prefix,
    ca: certificates(
      'PEM certificates of the authorities to trust with an https endpoint, instead of the well-known ones.',
    ),
  })
  .refine(({ ca, endpoint: url }) => ca === undefined || url?.startsWith('https:') === true, {
    path: ['ca'],
    message: 'is used with an https endpoint only',
  });

export type S3Settings = z.output<typeof s3Settings>;

/** Where requests go, for messages. */
export function serviceOf({ endpoint: url, region }: S3Settings): string {
  return url === undefined ? `Amazon S3 in ${region}` : new URL(url).host;
}

function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const bare = `${url.protocol}//${url.host}/`;
  return /^https?:$/.test(url.protocol) && url.href === bare && !/[?#@]/.test(text);
}
