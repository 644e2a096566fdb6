package io.peerup.control;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// One node's or relay's whole world on disk: configuration, identity, trust, state, socket.
///
/// Naming the files touches nothing; [#ensure] creates the directories. The root is absolute and
/// normalised, so that two spellings of one directory are the same home.
public record Home(Path root) {
  private static final Pattern STATE_NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  public Home {
    root = root.toAbsolutePath().normalize();
  }

  public static Home of(Path root) {
    return new Home(root);
  }

  /// Settings that the user edits; it holds no secret.
  public Path config() {
    return root.resolve("config.yaml");
  }

  /// The private key of this peer, 0600.
  public Path identityKey() {
    return root.resolve("identity.key");
  }

  /// Who may speak to this peer.
  public Path authorizedKeys() {
    return root.resolve("authorized_keys");
  }

  /// Who gets nothing, whatever else speaks for it.
  public Path blockedPeers() {
    return root.resolve("blocked_peers");
  }

  public Path stateDirectory() {
    return root.resolve("state");
  }

  /// A file that the program writes for itself.
  ///
  /// @param name a plain file name such as `groups.json`: lower-case letters, digits, `._-`
  public Path state(String name) {
    if (!STATE_NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not a plain state file name: " + Printable.of(name));
    }
    return stateDirectory().resolve(name);
  }

  /// The secret that a request on the control socket must show; rewritten at each start.
  public Path cookie() {
    return state("control.cookie");
  }

  public Path log() {
    return root.resolve("logs").resolve("peerup.log");
  }

  /// Held by the one process that runs this home; see [HomeLock].
  public Path lockFile() {
    return root.resolve("lock");
  }

  /// Where the control socket lies: `<root>/peerup.sock`, or, when that is longer than a Unix
  /// socket address can hold, in a directory of our own in the system's temporary directory, named
  /// after the SHA-256 of the root so that commands find it too.
  public Path socket() {
    Path inside = root.resolve("peerup.sock");
    if (bytes(inside).length <= Limits.SOCKET_PATH_BYTES) {
      return inside;
    }
    Path temporary = Path.of(System.getProperty("java.io.tmpdir", "/tmp")).toAbsolutePath();
    return temporary.resolve("peerup-" + shortHash(bytes(root))).resolve("peerup.sock");
  }

  /// Creates the directories that are missing, mode 0700, and checks those that exist.
  ///
  /// @return this home
  /// @throws Failure `home-unusable` when a directory cannot be made, is not ours, or may be
  ///   changed by other users; nothing that exists is altered
  public Home ensure() {
    for (Path directory : new Path[] {root, stateDirectory(), root.resolve("logs")}) {
      PrivateFiles.ensureDirectory(directory);
    }
    return this;
  }

  /// Whether the home's directory exists at all.
  public boolean exists() {
    return Files.isDirectory(root);
  }

  private static byte[] bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String shortHash(byte[] input) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(input);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
