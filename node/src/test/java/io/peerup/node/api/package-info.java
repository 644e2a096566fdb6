@NullMarked
package io.peerup.node.api;

import org.jspecify.annotations.NullMarked;
