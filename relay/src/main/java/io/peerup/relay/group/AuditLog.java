package io.peerup.relay.group;

import io.peerup.libp2p.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One line for each thing that changed who may use this relay, so that nobody can say later "I
/// never admitted that peer": time, event, peer, group, outcome. Never a secret, never a name.
///
/// Append-only, mode 0600; at [Limits#AUDIT_BYTES_MAX] a new file is begun and one old one kept. A
/// line that cannot be written is reported in the log and does not stop the relay. What a crash or
/// a full disk cut short stays as a line of its own: the next record begins a new one. Thread-safe.
public final class AuditLog {

  private static final Logger log = LoggerFactory.getLogger(AuditLog.class);
  private static final Pattern WORD = Pattern.compile("[a-z0-9-]{1,64}");

  private final Path file;
  private final InstantSource clock;

  public AuditLog(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  /// Adds `<time> <event> peer=<peer> group=<group> outcome=<outcome>`; what is empty is left out.
  ///
  /// @param event a plain word such as `pair`, `revoke`
  /// @param group the group's short name
  /// @param outcome a plain word such as `admitted`, `wrong-token`
  public void record(String event, Optional<PeerId> peer, Optional<String> group, String outcome) {
    StringBuilder line = new StringBuilder();
    peer.ifPresent(id -> line.append(" peer=").append(id));
    group.ifPresent(id -> line.append(" group=").append(word(id)));
    line.append(" outcome=").append(word(outcome));
    write(event, line.toString());
  }

  private void write(String event, String rest) {
    try {
      append(clock.instant() + " " + word(event) + rest + "\n");
    } catch (IOException e) {
      log.atError()
          .addKeyValue("file", file)
          .addKeyValue("event", event)
          .log("cannot write the audit log", e);
    }
  }

  /// Adds `<time> vouch peer=<peer> by=<member> outcome=<outcome>`.
  public void recordVouch(PeerId by, PeerId peer, String outcome) {
    write("vouch", " peer=" + peer + " by=" + by + " outcome=" + word(outcome));
  }

  private static String word(String text) {
    if (!WORD.matcher(text).matches()) {
      throw new IllegalArgumentException("not a plain word for the audit log");
    }
    return text;
  }

  private synchronized void append(String line) throws IOException {
    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && Files.size(file) >= Limits.AUDIT_BYTES_MAX) {
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.ATOMIC_MOVE);
    }
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      String whole = endsInALine(channel) ? line : "\n" + line;
      ByteBuffer bytes = ByteBuffer.wrap(whole.getBytes(StandardCharsets.UTF_8));
      channel.position(channel.size());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  private static boolean endsInALine(FileChannel channel) throws IOException {
    long size = channel.size();
    ByteBuffer last = ByteBuffer.allocate(1);
    return size == 0 || (channel.read(last, size - 1) == 1 && last.get(0) == '\n');
  }
}
