package io.peerup.bench;

import java.nio.file.Path;

/// Where and how long to measure.
///
/// @param root the folder of the whole build
/// @param node Node.js for js-libp2p
/// @param classPath of our own processes
/// @param logs where processes leave their standard error
/// @param warmUps how often each scenario runs before, uncounted
/// @param rounds how often each scenario is measured; all scenarios take turns
/// @param seconds how long one measurement lasts
/// @param joins devices that join the network whose daemons are weighed
/// @param clients idle clients that a relay carries
record Setting(
    Path root,
    String node,
    String classPath,
    Path logs,
    int warmUps,
    int rounds,
    double seconds,
    int joins,
    int clients) {}
