import { z } from 'zod';

export const parquetWriteSettings = z.strictObject({
  compression: z.enum(['snappy', 'gzip', 'none']).default('snappy').meta({
    description:
      'How the pages within the file are compressed. snappy is fast, gzip makes smaller files and takes several times as long.',
  }),
});

export type PageCompression = z.output<typeof parquetWriteSettings>['compression'];
