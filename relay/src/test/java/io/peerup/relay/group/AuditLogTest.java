package io.peerup.relay.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.relay.circuit.TestPeers;
import io.peerup.testkit.VirtualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("audit.log");
  }

  private AuditLog audit() {
    return new AuditLog(file(), new VirtualClock());
  }

  @Test
  void oneLineForEachEventAndOthersMayNotReadIt() throws IOException {
    audit().record("pair", Optional.of(TestPeers.peer(1)), Optional.of("0a1b2c3d"), "admitted");
    audit().record("revoke", Optional.empty(), Optional.of("0a1b2c3d"), "done");
    assertThat(Files.readAllLines(file()))
        .containsExactly(
            "2026-01-01T00:00:00Z pair peer="
                + TestPeers.peer(1)
                + " group=0a1b2c3d outcome=admitted",
            "2026-01-01T00:00:00Z revoke group=0a1b2c3d outcome=done");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void nothingFromOutsideCanForgeALine() {
    assertThatThrownBy(
            () -> audit().record("pair", Optional.empty(), Optional.of("x\ny"), "admitted"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFullFileIsKeptAsideAndANewOneBegun() throws IOException {
    Files.write(file(), new byte[(int) Limits.AUDIT_BYTES_MAX]);
    audit().record("pair", Optional.empty(), Optional.empty(), "admitted");
    assertThat(Files.readAllLines(file())).hasSize(1);
    assertThat(directory.resolve("audit.log.1")).hasSize(Limits.AUDIT_BYTES_MAX);
  }

  @Test
  void aLinkInItsPlaceIsNotFollowed() throws IOException {
    Path elsewhere = directory.resolve("elsewhere");
    Files.writeString(elsewhere, "untouched");
    Files.createSymbolicLink(file(), elsewhere);
    audit().record("pair", Optional.empty(), Optional.empty(), "admitted");
    assertThat(elsewhere).hasContent("untouched");
  }

  @Test
  void cutAtAnyByteTheRecordsBeforeAndAfterAreWholeLines() throws IOException {
    audit().record("pair", Optional.empty(), Optional.of("first"), "admitted");
    audit().record("pair", Optional.empty(), Optional.of("second"), "admitted");
    byte[] whole = Files.readAllBytes(file());
    String first = Files.readAllLines(file()).getFirst();
    String next = "2026-01-01T00:00:00Z revoke group=third outcome=done";
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      audit().record("revoke", Optional.empty(), Optional.of("third"), "done");
      List<String> lines = Files.readAllLines(file());
      assertThat(lines.getLast()).as("after a cut at %d", length).isEqualTo(next);
      if (length >= first.length()) {
        assertThat(lines.getFirst()).isEqualTo(first);
      }
      assertThat(lines).as("no empty lines at %d", length).doesNotContain("");
    }
  }

  @Test
  void aDirectoryInItsPlaceDoesNotStopTheRelay() throws IOException {
    Files.createDirectory(file());
    audit().record("pair", Optional.empty(), Optional.empty(), "admitted");
    assertThat(file()).isEmptyDirectory();
    Files.delete(file());
    audit().record("pair", Optional.empty(), Optional.empty(), "admitted");
    assertThat(Files.readAllLines(file())).hasSize(1);
  }
}
