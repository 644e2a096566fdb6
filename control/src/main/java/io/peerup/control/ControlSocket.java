package io.peerup.control;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// The place of a control socket: what a server does before it listens there, and what a client
/// checks before it shows its cookie there. Links are never followed, and only a dead socket of our
/// own is ever removed.
public final class ControlSocket {
  private ControlSocket() {}

  /// Makes the place free for a new socket.
  ///
  /// @throws Failure `home-unusable` when the directory is not safe; `socket-unsafe` when the name
  ///   is taken by something that is not a socket of ours; `already-running` when a server answers
  ///   there
  public static void prepare(Path socket) {
    PrivateFiles.ensureDirectory(directoryOf(socket));
    try {
      FileFacts facts = FileFacts.of(socket);
      refuseUnlessOurs(socket, facts);
      if (answers(socket)) {
        throw new Failure(
            "already-running",
            "another process answers on " + Printable.of(socket.toString()),
            "stop it first (peerup daemon stop), or use another home with --home DIR or"
                + " PEERUP_HOME");
      }
      Files.delete(socket);
    } catch (NoSuchFileException _) {
      // The usual case: the last server removed it.
    } catch (IOException e) {
      throw FileTrouble.failure("socket-unsafe", "cannot use", socket, e);
    }
  }

  /// Makes the socket that was just bound unusable for everyone else.
  public static void restrict(Path socket) throws IOException {
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    refuseUnlessOurs(socket, FileFacts.of(socket));
  }

  /// What a client asks of the place before it connects: nobody else may have put a socket there.
  ///
  /// @throws NoSuchFileException when nothing is there
  /// @throws Failure `socket-unsafe`
  public static void check(Path socket) throws IOException {
    FileFacts facts = FileFacts.of(socket);
    refuseUnlessOurs(socket, facts);
    FileFacts directory = FileFacts.of(directoryOf(socket));
    if (!directory.isOurs() || directory.isWritableByOthers()) {
      String name = Printable.of(directoryOf(socket).toString());
      throw new Failure(
          "socket-unsafe",
          name + ", the directory of the control socket, may be changed by other users",
          "chmod go-w " + name);
    }
  }

  private static void refuseUnlessOurs(Path socket, FileFacts facts) {
    String name = Printable.of(socket.toString());
    if (!facts.isSocket()) {
      throw new Failure(
          "socket-unsafe",
          name + " is " + facts.kind() + ", not a control socket",
          "look at it, then move it away: mv " + name + " " + name + ".old");
    }
    if (!facts.isOurs()) {
      throw new Failure(
          "socket-unsafe",
          name + " belongs to user " + facts.uid() + ", not to us (" + FileFacts.ourUid() + ")",
          "use a home of your own with --home DIR or PEERUP_HOME");
    }
  }

  /// Only a refused connection proves that nobody listens; in doubt somebody does. Not blocking,
  /// because a server whose queue is full would keep us waiting.
  private static boolean answers(Path socket) throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      probe.connect(UnixDomainSocketAddress.of(socket));
      return true;
    } catch (ConnectException _) {
      return false;
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException _) {
      return true;
    }
  }

  static Path directoryOf(Path socket) {
    Path directory = socket.getParent();
    if (directory == null) {
      throw new IllegalArgumentException("not inside a directory: " + socket);
    }
    return directory;
  }
}
