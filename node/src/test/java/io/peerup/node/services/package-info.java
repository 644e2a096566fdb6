@NullMarked
package io.peerup.node.services;

import org.jspecify.annotations.NullMarked;
