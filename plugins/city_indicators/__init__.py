"""City indicators: from published figures to ratings that can be traced back to them."""
