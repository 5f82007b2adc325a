// The Prisma command line, from any directory. `generate` is ours: quick when nothing changed, without a network.
import { spawn } from 'node:child_process';
import { repositoryRoot } from './paths.mjs';
import { engineEnvironment, prismaCommand, prismaEnvironment } from './prisma/command.mjs';
import { generateClient } from './prisma/generate-client.mjs';

// They never run the schema engine, but would download it.
const withoutEngine = ['generate', 'validate', 'format'];

const args = process.argv.slice(2);
if (args[0] === 'generate' && args.length === 1) {
  const { generated, seconds } = await generateClient();
  console.log(generated ? `prisma client generated in ${seconds.toFixed(1)} s` : 'prisma client is up to date');
} else {
  const env = { ...prismaEnvironment(), ...(withoutEngine.includes(args[0] ?? '') ? engineEnvironment() : {}) };
  const child = spawn(process.execPath, [prismaCommand(), ...args], { cwd: repositoryRoot, env, stdio: 'inherit' });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0);
  });
}
