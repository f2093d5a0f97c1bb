//! Native API, live feed, console.
