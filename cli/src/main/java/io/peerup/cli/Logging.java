package io.peerup.cli;

import io.peerup.control.FileTrouble;
import io.peerup.control.Home;
import io.peerup.control.config.Config;
import io.peerup.control.config.ConfigLoader;
import java.io.IOException;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// Sends the log of a node or relay to `logs/peerup.log` of its home: one line an event, UTC, at
/// most two files of [#FILE_BYTES_MAX] bytes.
final class Logging {

  /// Some days of a talkative node.
  static final int FILE_BYTES_MAX = 4 << 20;

  /// Kept, because the JDK forgets a logger that nobody holds, and the level that it was given.
  private static final Logger OURS = Logger.getLogger("io.peerup");

  private Logging() {}

  /// Starts logging, as the configuration says, which it returns.
  ///
  /// @throws Failure `log-unwritable`, or what is wrong with the home or its configuration; the
  ///   latter before anything is created
  static Config toFile(Home home, ConfigLoader.Check... checks) {
    Config config = ConfigLoader.load(home.config(), checks);
    home.ensure();
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    try {
      RotatingFile file = new RotatingFile(home.log(), FILE_BYTES_MAX);
      file.setFormatter(new OneLine());
      root.addHandler(file);
    } catch (IOException e) {
      throw FileTrouble.failure("log-unwritable", "cannot write the log", home.log(), e);
    }
    root.setLevel(Level.WARNING);
    OURS.setLevel(
        switch (config.log().level()) {
          case ERROR -> Level.SEVERE;
          case WARN -> Level.WARNING;
          case INFO -> Level.INFO;
          case DEBUG -> Level.FINE;
          case TRACE -> Level.FINEST;
        });
    return config;
  }

  /// `2026-01-01T00:00:00Z INFO node.peers.PeerLink direct path found peer=… addr=…`
  private static final class OneLine extends Formatter {
    @Override
    public String format(LogRecord entry) {
      StringBuilder out = new StringBuilder();
      out.append(DateTimeFormatter.ISO_INSTANT.format(entry.getInstant()));
      out.append(' ').append(name(entry.getLevel()));
      String logger = entry.getLoggerName() == null ? "" : entry.getLoggerName();
      out.append(' ').append(logger.replaceFirst("^io\\.peerup\\.", "")).append(' ');
      out.append(formatMessage(entry).replace("\r", "\\r").replace("\n", "\\n"));
      Throwable thrown = entry.getThrown();
      if (thrown != null) {
        out.append(" thrown=").append(thrown);
        for (StackTraceElement frame : thrown.getStackTrace()) {
          out.append(" < ").append(frame);
        }
      }
      return out.append('\n').toString();
    }

    private static String name(Level level) {
      int value = level.intValue();
      if (value >= Level.SEVERE.intValue()) {
        return "ERROR";
      }
      if (value >= Level.WARNING.intValue()) {
        return "WARN";
      }
      if (value >= Level.INFO.intValue()) {
        return "INFO";
      }
      return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
    }
  }
}
