package io.peerup.cli;

import io.peerup.control.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    description = {
      "See all of it work on this machine.",
      "Starts a relay and three devices as separate processes in temporary homes on free loopback"
          + " ports, pairs them by codes, pings every pair and fetches a page from another device"
          + " through a proxy. Cleans up afterwards, on Ctrl-C, too. Your own home is not touched."
    })
final class DemoCommand extends PeerupCommand {

  @Option(
      names = "--keep",
      description = "Leave everything running and print the commands to go on with.")
  boolean keep;

  @Override
  protected int run(Home home, Voice voice) throws Exception {
    try (DemoWorld world = new DemoWorld()) {
      Demo demo = new Demo(world, voice);
      boolean good = demo.play();
      if (good && keep) {
        world.keep();
        demo.sayHowToGoOn();
      }
      demo.end(good, keep && good);
      return good ? Peerup.DONE : Peerup.FAILED;
    }
  }
}
