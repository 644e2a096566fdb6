package io.peerup.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.peerup.libp2p.OverlayException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Which room may know which, and what no room may do.
class WallsTest {

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.peerup");

  @Test
  void theRulesLookAtEveryRoom() {
    for (String room :
        new String[] {"libp2p", "control", "trust", "pairing", "nat", "relay", "node", "cli"}) {
      assertThat(
              MAIN.stream().anyMatch(each -> each.getPackageName().startsWith("io.peerup." + room)))
          .as("classes of room %s", room)
          .isTrue();
    }
  }

  @Test
  void aRoomUsesOnlyRoomsBelowIt() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("libp2p")
        .definedBy("io.peerup.libp2p..")
        .layer("control")
        .definedBy("io.peerup.control..")
        .layer("trust")
        .definedBy("io.peerup.trust..")
        .layer("pairing")
        .definedBy("io.peerup.pairing..")
        .layer("nat")
        .definedBy("io.peerup.nat..")
        .layer("relay")
        .definedBy("io.peerup.relay..")
        .layer("node")
        .definedBy("io.peerup.node..")
        .layer("cli")
        .definedBy("io.peerup.cli..")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("node")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("relay")
        .mayOnlyBeAccessedByLayers("node", "cli")
        .whereLayer("nat")
        .mayOnlyBeAccessedByLayers("relay", "node", "cli")
        .whereLayer("pairing")
        .mayOnlyBeAccessedByLayers("relay", "node", "cli")
        .whereLayer("trust")
        .mayOnlyBeAccessedByLayers("relay", "node", "cli")
        .whereLayer("control")
        .mayOnlyBeAccessedByLayers("trust", "relay", "node", "cli")
        .because("a reader who knows a room must not have to know the rooms above it")
        .check(MAIN);
  }

  @Test
  void nettyStaysInTheTransportAndTheControlServer() {
    noClasses()
        .that(
            resideInAnyPackage("io.peerup..")
                .and(
                    resideOutsideOfPackages(
                        "io.peerup.libp2p.transport..", "io.peerup.control.server..")))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..")
        .because("user code has no reference counting, and event loops are one package's business")
        .check(MAIN);
  }

  @Test
  void machinesHaveNoThreadsSocketsOrFiles() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.peerup.libp2p.noise..",
            "io.peerup.libp2p.multistream..",
            "io.peerup.libp2p.yamux..",
            "io.peerup.libp2p.wire..",
            "io.peerup.pairing..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "java.util.concurrent..",
                    "java.nio.channels..",
                    "java.nio.file..",
                    "io.netty..")
                .and(not(equivalentTo(TimeUnit.class))))
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Thread.class, java.net.Socket.class)
        .because("a machine is replayed by seed; whatever blocks or waits lives in a shell")
        .check(MAIN);
  }

  @Test
  void packagesHaveNoCycles() {
    slices()
        .matching("io.peerup.(**)")
        .should()
        .beFreeOfCycles()
        // The sealed family of errors is vocabulary: it must live in one package, every package may
        // throw it, and
        // it uses nothing itself.
        .ignoreDependency(alwaysTrue(), assignableTo(OverlayException.class))
        .because("a knot of packages can only be read all at once")
        .check(MAIN);
  }

  @Test
  void timeAndChanceComeThroughConstructors() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.peerup.libp2p.host.HostBuilder") // the assembly of a host
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(LocalDateTime.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callConstructor(Random.class)
        .orShould()
        .callMethod(ThreadLocalRandom.class, "current")
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .because("a test must own the clock and the dice; use InstantSource and RandomGenerator")
        .check(MAIN);
  }

  @Test
  void nobodySleeps() {
    noClasses()
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .because("waiting is for something: a condition, a queue or a timed wait that can be woken")
        .check(MAIN);
  }

  @Test
  void onlyTheCommandLinePrints() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.peerup.cli..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .because("a library logs; what a person reads goes through the command line's voice")
        .check(MAIN);
  }
}
