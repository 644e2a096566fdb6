package io.peerup.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A Java program with the jars, the options and the cache of classes with which the launcher
/// starts a daemon. The classes of these tests come last on the class path: a cache allows for more
/// there.
final class TestJava {

  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final Path APP =
      Path.of(System.getProperty("peerup.root", ".."), "cli/target/app").toAbsolutePath();
  private static final Path TESTS =
      Path.of(TestJava.class.getProtectionDomain().getCodeSource().getLocation().getPath());

  private TestJava() {}

  static List<String> command(Class<?> main) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(JAVA.toString());
    if (cachesFit()) {
      command.add("-XX:AOTCache=" + APP.resolve("caches/daemon.aot"));
    }
    command.addAll(List.of("-Xlog:aot=off", "-Xlog:cds=off", "@" + APP.resolve("daemon.options")));
    // It lives for seconds and starts in half the time.
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(List.of("-cp", APP.resolve("lib") + "/*" + File.pathSeparator + TESTS));
    command.add(main.getName());
    return command;
  }

  /// The virtual machine would take a cache of other jars and run what was in those.
  private static boolean cachesFit() throws IOException {
    Process asked =
        new ProcessBuilder(
                "sh",
                "-c",
                "java=$1 app=$2; . \"$2/caches.sh\" && caches_fit",
                "sh",
                JAVA.toString(),
                APP.toString())
            .redirectErrorStream(true)
            .start();
    var _ = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return asked.onExit().join().exitValue() == 0;
  }
}
