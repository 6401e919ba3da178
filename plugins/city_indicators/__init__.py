"""City indicators: from published observations to ratings that can be traced back to them."""
