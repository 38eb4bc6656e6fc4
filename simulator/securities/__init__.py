"""What the algorithm holds and can trade: securities, holdings, cash, margin."""
