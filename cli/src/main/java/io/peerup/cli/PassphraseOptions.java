package io.peerup.cli;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import io.peerup.control.PrivateFiles;
import io.peerup.control.config.ConfigLoader;
import io.peerup.trust.Limits;
import io.peerup.trust.Passphrase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Where a command finds the passphrase of `identity.key`. Never in its words or its environment,
/// which other processes can read: a file, standard input, or a person at the terminal.
final class PassphraseOptions {

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings(
      "NullAway.Init") // picocli sets it, and only picocli sets two options that exclude each other
  CommandSpec spec;

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description =
          "Read the passphrase of identity.key from this file of one line, mode 0600; systemd's"
              + " credentials will do.")
  @Nullable String file;

  @Option(
      names = "--passphrase-stdin",
      description = "Read the passphrase of identity.key from standard input, one line.")
  boolean stdin;

  /// What the options say; without any, the file that `config.yaml` names, or whoever sits at the
  /// terminal.
  Passphrase.Source source(Home home, Voice voice) {
    Optional<Passphrase.Source> given = given();
    return what -> given.orElseGet(() -> otherwise(home, voice)).ask(what);
  }

  /// What the options say, if they say anything.
  Optional<Passphrase.Source> given() {
    if (file != null && stdin) {
      throw new ParameterException(
          spec.commandLine(), "--passphrase-file and --passphrase-stdin: choose one");
    }
    if (stdin) {
      return Optional.of(_ -> readLine(System.in));
    }
    return Optional.ofNullable(file).map(name -> _ -> readFile(path(name)));
  }

  private static Passphrase.Source otherwise(Home home, Voice voice) {
    String configured = configured(home);
    if (!configured.isEmpty()) {
      return _ -> readFile(home.root().resolve(path(configured)));
    }
    return what ->
        voice
            .secret("Passphrase of " + what + ": ")
            .map(Passphrase::ofTyped)
            .orElseGet(() -> Passphrase.Source.NONE.ask(what));
  }

  /// The file that `config.yaml` names; empty if none.
  static String configured(Home home) {
    return ConfigLoader.load(home.config()).secrets().passphraseFile().value();
  }

  static Passphrase readFile(Path file) {
    byte[] content = PrivateFiles.readCredential(file);
    try {
      return Passphrase.ofLine(content);
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  /// Up to the end of the line and no further: what follows may be another passphrase.
  static Passphrase readLine(InputStream in) {
    byte[] line = new byte[Limits.PASSPHRASE_BYTES_MAX + 2];
    int length = 0;
    try {
      for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
        if (length == line.length - 1) {
          break;
        }
        line[length++] = (byte) next;
      }
      byte[] whole = Arrays.copyOf(line, length + 1);
      whole[length] = '\n';
      try {
        return Passphrase.ofLine(whole);
      } finally {
        Arrays.fill(whole, (byte) 0);
      }
    } catch (IOException e) {
      throw new Failure(
          "passphrase-needed", "cannot read standard input: " + e.getMessage(), "", e);
    } finally {
      Arrays.fill(line, (byte) 0);
    }
  }

  static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new Failure(
          "file-missing", Printable.of(name) + " is no name of a file: " + e.getReason(), "", e);
    }
  }
}
