// Lets a closing server end at once: answers under way finish, every other connection is cut. Node itself keeps connections that never
// asked anything (browsers open them in advance) for about a minute.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Follows the connections of `server`; the function it gives cuts those without an answer under way, now and whenever one finishes. */
export const followConnections = (server: Server): (() => void) => {
  const answers = new Map<Socket, number>();
  let closing = false;
  const cutIdle = (socket: Socket): void => {
    if (closing && answers.get(socket) === 0) socket.destroy();
  };
  server.on('connection', (socket: Socket) => {
    answers.set(socket, 0);
    socket.once('close', () => {
      answers.delete(socket);
    });
    cutIdle(socket);
  });
  server.on('request', ({ socket }, response) => {
    answers.set(socket, (answers.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (answers.get(socket) ?? 1) - 1;
      if (answers.has(socket)) answers.set(socket, left);
      // The last bytes are with the kernel before the connection goes.
      setImmediate(cutIdle, socket);
    });
  });
  return () => {
    closing = true;
    for (const socket of answers.keys()) cutIdle(socket);
  };
};
