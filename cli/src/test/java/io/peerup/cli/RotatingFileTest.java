package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.logging.ErrorManager;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingFileTest {

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("peerup.log");
  }

  private RotatingFile open(int bytesMax) throws IOException {
    RotatingFile out = new RotatingFile(file, bytesMax);
    out.setFormatter(
        new Formatter() {
          @Override
          public String format(LogRecord entry) {
            return entry.getMessage() + "\n";
          }
        });
    return out;
  }

  private static void log(RotatingFile to, String... lines) {
    for (String line : lines) {
      to.publish(new LogRecord(Level.INFO, line));
    }
  }

  @Test
  void linesThatFitExactlyStayInOneFile() throws IOException {
    RotatingFile log = open(10);
    log(log, "1234", "5678");
    log.close();
    assertThat(file).hasContent("1234\n5678\n");
    assertThat(directory.resolve("peerup.log.1")).doesNotExist();
  }

  @Test
  void theLineThatWouldExceedTheLimitBeginsANewFileUnderTheSameName() throws IOException {
    RotatingFile log = open(10);
    log(log, "1234", "5678", "9");
    log.close();
    assertThat(file).hasContent("9\n");
    assertThat(directory.resolve("peerup.log.1")).hasContent("1234\n5678\n");
  }

  @Test
  void onlyTheLastFullFileIsKept() throws IOException {
    RotatingFile log = open(5);
    log(log, "1", "22222", "33333", "4");
    log.close();
    assertThat(file).hasContent("4\n");
    assertThat(directory.resolve("peerup.log.1")).hasContent("33333\n");
    try (var all = Files.list(directory)) {
      assertThat(all).hasSize(2);
    }
  }

  @Test
  void aLineLongerThanTheLimitIsWrittenWhole() throws IOException {
    RotatingFile log = open(5);
    log(log, "0123456789");
    log.close();
    assertThat(file).hasContent("0123456789\n");
  }

  @Test
  void theFileIsPrivateAndContinuedByTheNextStart() throws IOException {
    RotatingFile first = open(10);
    log(first, "1234");
    first.close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    RotatingFile second = open(10);
    log(second, "5678", "9");
    second.close();
    assertThat(directory.resolve("peerup.log.1")).hasContent("1234\n5678\n");
  }

  @Test
  void afterARotationThatFailedTheNextLineIsWritten() throws IOException {
    RotatingFile log = open(5);
    log.setErrorManager(
        new ErrorManager() {
          @Override
          public void error(String message, Exception cause, int code) {}
        });
    Path aside = Files.createDirectory(directory.resolve("peerup.log.1"));
    Path content = Files.createFile(aside.resolve("which keeps the directory from being replaced"));
    log(log, "1234", "lost");
    Files.delete(content);
    log(log, "5678");
    log.close();
    assertThat(aside).hasContent("1234\n");
    assertThat(file).hasContent("5678\n");
  }

  @Test
  void aSymlinkInItsPlaceIsNotFollowed() throws IOException {
    Path elsewhere = Files.createFile(directory.resolve("elsewhere"));
    Files.createSymbolicLink(file, elsewhere);
    assertThatThrownBy(() -> open(10)).isInstanceOf(IOException.class);
    assertThat(elsewhere).isEmptyFile();
  }
}
